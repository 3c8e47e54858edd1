// Pieces of tensors of others that are parameters of ours: sliced, transposed,
// brought to unit length, and read as the matrix that is asked for.
#ifndef COMPILER_WEIGHTS_CUT_H
#define COMPILER_WEIGHTS_CUT_H

#include "compiler/Spec/Spec.h"
#include "compiler/Weights/TensorSource.h"

namespace weights {

/// A tensor or what a spec cuts out of it.
struct Cut {
  const char *data = nullptr; ///< of the tensor
  int64_t begin = 0;          ///< the first element
  DType dtype = DType::F32;
  const BlockFormat *blocks = nullptr; ///< of DType::Blocks
  std::vector<int64_t> dims, strides;  ///< in elements
  bool unit = false;                   ///< rows are divided by their length

  int64_t count() const {
    int64_t product = 1;
    for (int64_t dim : dims)
      product *= dim;
    return product;
  }
  /// Whether its rows are made of whole groups of the tensor's blocks, if it
  /// has any.
  bool keepsBlocks() const;
};

/// What `source` says to cut out of `tensor`; the error goes on after
/// "tensor '<name>' ".
llvm::Expected<Cut> cutTensor(const Tensor &tensor,
                              const spec::WeightSource &source);

/// "h.0.attn.c_attn.weight[:, 0:768].T", as the spec writes it.
std::string showCut(llvm::StringRef tensor, const spec::WeightSource &source);

/// The same shape but for leading ones and trailing dimensions that ours has
/// as one: a position table [1, T, M], a convolution [M, C, P, P].
bool fits(llvm::ArrayRef<int64_t> theirs, llvm::ArrayRef<int64_t> ours);

/// Keeps the first rows, as many as `shape` has, of a table that has more.
void shorten(Cut &table, llvm::ArrayRef<int64_t> shape);

/// A cut with dimensions of 1 becomes one of that shape, which repeats its
/// values; false if it isn't that.
bool spread(Cut &cut, llvm::ArrayRef<int64_t> shape);

/// The value at each place of `shape`.
Cut repeatValue(const float &value, llvm::ArrayRef<int64_t> shape);

/// Row by row the sum of the two, which have `cols` columns.
std::unique_ptr<RowReader> makeSum(std::unique_ptr<RowReader> first,
                                   std::unique_ptr<RowReader> second,
                                   int64_t cols);

/// Of the cut's values, row-major, as [rows, cols]; in place wherever they are
/// evenly spaced, whole rows of blocks decoded as they are asked for.
std::unique_ptr<RowReader> makeReader(const Cut &cut, int64_t rows,
                                      int64_t cols);

} // namespace weights

#endif // COMPILER_WEIGHTS_CUT_H
