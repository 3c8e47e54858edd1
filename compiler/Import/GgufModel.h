// A GGUF file as its importer asks it: metadata below the architecture's name,
// and which tensors there are.
#ifndef COMPILER_IMPORT_GGUFMODEL_H
#define COMPILER_IMPORT_GGUFMODEL_H

#include "compiler/Weights/Gguf.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/JSON.h"

namespace importer {

/// A key of the metadata, below the architecture's name, and its field of a
/// config.json.
struct Key {
  llvm::StringRef theirs, field;
};

class GgufModel {
public:
  GgufModel(llvm::StringRef path, llvm::StringRef arch,
            const weights::Gguf &gguf);

  llvm::StringRef path() const { return filePath; }
  llvm::StringRef arch() const { return name; }

  const weights::GgufValue *find(llvm::StringRef key) const;
  /// Of a key that may be there; nullopt, too, if it is no number, or an
  /// integer that no size can be.
  std::optional<int64_t> integer(llvm::StringRef key) const;
  std::optional<double> number(llvm::StringRef key) const;
  /// A key of the file, not of the architecture.
  const weights::GgufValue *findOfFile(llvm::StringRef key) const {
    return gguf.find(key);
  }

  const weights::Tensor *tensor(llvm::StringRef name) const {
    return tensors.lookup(name);
  }
  bool has(llvm::StringRef name) const { return tensors.contains(name); }
  /// Whether some block has a tensor of that name.
  bool anyBlockHas(llvm::StringRef name) const;
  size_t tensorCount() const { return gguf.tensors.size(); }

  /// "<file>: <architecture>.<key>: <what>"
  llvm::Error refuse(llvm::StringRef key, const llvm::Twine &what) const;

  /// Sets the fields of those keys that are there.
  llvm::Error copy(llvm::ArrayRef<Key> keys, llvm::json::Object &config) const;

private:
  llvm::StringRef filePath, name;
  const weights::Gguf &gguf;
  llvm::StringMap<const weights::Tensor *> tensors;
};

/// As short as its float allows: 1e-5 and not 9.99999975e-6.
double shortest(float value);

} // namespace importer

#endif // COMPILER_IMPORT_GGUFMODEL_H
