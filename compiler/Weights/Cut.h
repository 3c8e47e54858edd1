// Pieces of tensors of others that are parameters of ours: sliced, transposed,
// and read as the matrix that is asked for.
#ifndef COMPILER_WEIGHTS_CUT_H
#define COMPILER_WEIGHTS_CUT_H

#include "compiler/Spec/Spec.h"
#include "compiler/Weights/TensorSource.h"

namespace weights {

/// A tensor or what a spec cuts out of it.
struct Cut {
  const char *data = nullptr;
  DType dtype = DType::F32;
  std::vector<int64_t> dims, strides; ///< in elements

  int64_t count() const {
    int64_t product = 1;
    for (int64_t dim : dims)
      product *= dim;
    return product;
  }
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

/// Of the cut's values, row-major, as [rows, cols]; in place wherever they are
/// evenly spaced.
std::unique_ptr<RowReader> makeReader(const Cut &cut, int64_t rows,
                                      int64_t cols);

} // namespace weights

#endif // COMPILER_WEIGHTS_CUT_H
