// GGUF, llama.cpp's files: typed metadata, then tensors. All sizes are checked
// against the file before anything is allocated or read by them.
#ifndef COMPILER_WEIGHTS_GGUF_H
#define COMPILER_WEIGHTS_GGUF_H

#include "compiler/Spec/Spec.h"
#include "compiler/Weights/TensorFile.h"

#include <map>
#include <optional>

namespace weights {

/// A value of the metadata, read in place.
class GgufValue {
public:
  enum Type {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    F32,
    Bool,
    String,
    Array,
    U64,
    I64,
    F64
  };

  bool isArray() const { return array; }
  /// Of an array.
  uint64_t size() const { return count; }

  /// None if it is of another kind, an array, or too large.
  std::optional<int64_t> integer() const;
  std::optional<double> number() const; ///< integers too
  std::optional<bool> flag() const;
  std::optional<llvm::StringRef> string() const;

  /// All elements of an array; none if they are of another kind.
  std::optional<std::vector<int64_t>> integers() const;
  std::optional<std::vector<double>> numbers() const;
  std::optional<std::vector<llvm::StringRef>> strings() const;

private:
  friend class GgufReader;
  template <typename T, typename Get>
  std::optional<std::vector<T>> all(Get get) const;

  Type type = U8; ///< of the elements
  bool array = false;
  uint64_t count = 1;
  const char *data = nullptr;
};

/// What a file says of itself; as long as its bytes.
struct Gguf {
  std::map<llvm::StringRef, GgufValue> metadata;
  std::vector<Tensor> tensors;

  const GgufValue *find(llvm::StringRef key) const {
    auto at = metadata.find(key);
    return at == metadata.end() ? nullptr : &at->second;
  }
};

/// The format that holds a type's values as they are: F32, BF16, Q8_0, Q4_0.
std::optional<spec::Dtype> ggufFormat(llvm::StringRef type);

/// Matrices that no layer's format holds for: what routes rows to experts.
bool isAlwaysF32(llvm::StringRef parameter);

bool isGguf(llvm::StringRef bytes);
llvm::Expected<Gguf> parseGguf(llvm::StringRef path, llvm::StringRef bytes);

} // namespace weights

#endif // COMPILER_WEIGHTS_GGUF_H
