// Where a model's parameters come from, whatever the file calls them and
// however it lays them out: by our names, as rows of floats.
#ifndef COMPILER_WEIGHTS_TENSORSOURCE_H
#define COMPILER_WEIGHTS_TENSORSOURCE_H

#include "compiler/Spec/Spec.h"
#include "compiler/Weights/BlockCopy.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <string>
#include <vector>

namespace weights {

/// A parameter as a matrix [rows, cols] whose rows are read in any order.
class RowReader {
public:
  virtual ~RowReader() = default;
  /// Rows [begin, begin + count) to `block`.
  virtual void read(int64_t begin, int64_t count, const Block &block) const = 0;
};

class TensorSource {
public:
  virtual ~TensorSource() = default;
  /// The values of `name`, which has no {i} left in it, read row-major as
  /// [rows, cols]. An error if there is no such parameter or it has another
  /// number of values. The reader is valid as long as the source.
  virtual llvm::Expected<std::unique_ptr<RowReader>>
  get(llvm::StringRef name, int64_t rows, int64_t cols) const = 0;

  /// All values of it at once.
  llvm::Expected<std::vector<float>> getAll(llvm::StringRef name, int64_t rows,
                                            int64_t cols) const;
};

/// "layers.{i}.norm.weight" with {i} = indices[0] and {j} = indices[1]; also
/// {i*6+5}, for names that count otherwise.
std::string substitute(llvm::StringRef name, llvm::ArrayRef<int64_t> indices);

/// Whether `name` is `pattern` with numbers below `repeats` for {i}, {j}.
bool isInstance(llvm::StringRef name, llvm::StringRef pattern,
                llvm::ArrayRef<int64_t> repeats);

/// Steps `index` through `repeats`, the innermost (first) fastest; false, and
/// zeros again, after the last.
bool nextIndex(std::vector<int64_t> &index, llvm::ArrayRef<int64_t> repeats);

/// Calls `body` with every index of `repeats` (innermost first, the outermost
/// varies slowest); once, with none, if there are none.
void forEachIndex(llvm::ArrayRef<int64_t> repeats,
                  llvm::function_ref<void(llvm::ArrayRef<int64_t>)> body);

/// Calls `body` with every layer that is no combinator, in order.
void forEachLeaf(const spec::Spec &spec,
                 llvm::function_ref<void(const spec::Layer &)> body);
void forEachLeaf(const spec::Layers &layers,
                 llvm::function_ref<void(const spec::Layer &)> body);

/// Takes "warning: ..." and "note: ...".
using Remark = llvm::function_ref<void(const std::string &message)>;

/// The files and names that `spec.weights` gives (it has them), relative to the
/// folder of `spec.path`. Every parameter is found and its shape compared
/// before this returns; tensors that nothing uses are listed in a warning,
/// types of a GGUF file that are stored in another way in notes.
llvm::Expected<std::unique_ptr<TensorSource>>
openSpecWeights(const spec::Spec &spec, Remark remark);

/// Pseudo-random values that depend on the seed, the parameter's name and the
/// place in it alone: weights and biases near a normal distribution of standard
/// deviation 0.02 (position tables too), norm weights such that the norm
/// multiplies by 1. The same bits on every platform.
std::unique_ptr<TensorSource> makeSeededWeights(const spec::Spec &spec,
                                                uint64_t seed);

/// Values that the spec itself has, all others from `others`.
std::unique_ptr<TensorSource>
makeValuesSource(const spec::Spec &spec, std::unique_ptr<TensorSource> others);

/// The values in the spec, then openSpecWeights if the spec names files, else
/// makeSeededWeights.
llvm::Expected<std::unique_ptr<TensorSource>>
openWeights(const spec::Spec &spec, uint64_t seed, Remark remark);

} // namespace weights

#endif // COMPILER_WEIGHTS_TENSORSOURCE_H
