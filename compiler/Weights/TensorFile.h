// Named tensors in files of others, checked in full before a value is read and
// then read in place from a mapping.
#ifndef COMPILER_WEIGHTS_TENSORFILE_H
#define COMPILER_WEIGHTS_TENSORFILE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weights {

struct BlockFormat;

/// Types whose values we read; a file may hold others, which are only listed.
enum class DType { F32, F16, BF16, F64, Blocks, Other };

struct Tensor {
  std::string name;
  DType dtype = DType::F32;
  llvm::StringRef dtypeName; ///< as the format spells it, for messages
  std::vector<int64_t> shape;
  const char *data = nullptr; ///< row-major, little-endian, any alignment
  int64_t bytes = 0;
  const BlockFormat *blocks = nullptr; ///< of DType::Blocks
};

class TensorFile {
public:
  const std::string &path() const { return filePath; }
  /// In the order of the file.
  llvm::ArrayRef<Tensor> tensors() const { return list; }
  /// Null if there is none of that name.
  const Tensor *find(llvm::StringRef name) const;

  explicit TensorFile(llvm::StringRef path) : filePath(path) {}
  TensorFile(TensorFile &&) = default;
  TensorFile(const TensorFile &) = delete;
  TensorFile &operator=(TensorFile &&) = default;
  /// For readers: false if the name is taken.
  bool add(Tensor tensor);
  /// Maps a further file that tensors point into.
  llvm::Expected<llvm::StringRef> map(llvm::StringRef path);
  /// Holds values that a tensor points to which are not in a file.
  const char *keep(std::vector<float> values);

private:
  std::string filePath;
  std::vector<std::unique_ptr<llvm::MemoryBuffer>> mappings;
  std::vector<std::vector<float>> kept;
  std::vector<Tensor> list;
  llvm::StringMap<size_t> places;
};

/// Opens a `.safetensors` file, a `.safetensors.index.json` with the shards
/// that it names, a `.gguf`, a llama2.c `.bin` or CTranslate2's `model.bin`.
llvm::Expected<TensorFile> openTensorFile(llvm::StringRef path);

llvm::Expected<TensorFile> readSafetensors(llvm::StringRef path);
llvm::Expected<TensorFile> readShardedSafetensors(llvm::StringRef path);
llvm::Expected<TensorFile> readGguf(llvm::StringRef path);
llvm::Expected<TensorFile> readLlama2c(llvm::StringRef path);
llvm::Expected<TensorFile> readCTranslate2(llvm::StringRef path);

/// The seven numbers at the beginning of a llama2.c file of version 0.
struct Llama2cHeader {
  int64_t dim = 0, hidden = 0, layers = 0, heads = 0, kvHeads = 0, vocab = 0,
          context = 0;
  bool tied = true; ///< the file says so by the sign of the vocabulary size
};
llvm::Expected<Llama2cHeader> readLlama2cHeader(llvm::StringRef path);

/// Maps a regular file; the error names it.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
mapFile(llvm::StringRef path);

} // namespace weights

#endif // COMPILER_WEIGHTS_TENSORFILE_H
