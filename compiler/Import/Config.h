// Reads a config.json field by field; what is wrong is collected with the path
// of the field, so that one run tells everything.
#ifndef COMPILER_IMPORT_CONFIG_H
#define COMPILER_IMPORT_CONFIG_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace importer {

/// An object of the file. A key whose value is null counts as absent.
class Config {
public:
  static llvm::Expected<Config> read(llvm::StringRef path);
  /// What `path` says in another form.
  static Config of(llvm::StringRef path, llvm::json::Object object);

  bool has(llvm::StringRef key) const { return find(key) != nullptr; }

  /// Written, as null.
  bool isNull(llvm::StringRef key) const;

  /// Sizes from 1 to 2^31 - 1; a missing one is a problem, 1 is returned.
  int64_t size(llvm::StringRef key);
  int64_t size(llvm::StringRef key, int64_t otherwise);
  /// The same from 0.
  int64_t count(llvm::StringRef key, int64_t otherwise);
  double positive(llvm::StringRef key);
  double positive(llvm::StringRef key, double otherwise);
  bool flag(llvm::StringRef key, bool otherwise);
  std::string text(llvm::StringRef key, llvm::StringRef otherwise);
  /// The strings of a list; empty if absent.
  std::vector<std::string> texts(llvm::StringRef key);
  /// The integers of a list from 0 on; empty if absent.
  std::vector<int64_t> counts(llvm::StringRef key);
  /// A list of positive numbers; a problem if it is absent.
  std::vector<double> positives(llvm::StringRef key);
  /// How many keys the object at `key` has; 1 after a problem.
  int64_t entries(llvm::StringRef key);
  /// The object at `key`, if there is one.
  std::optional<Config> inner(llvm::StringRef key);

  /// "<file>: <path of the key>: <message>"
  void problem(llvm::StringRef key, const std::string &message);
  /// What we don't do, if it is asked for.
  void refuse(llvm::StringRef key, const std::string &value,
              const std::string &supported);
  /// Everything so far.
  llvm::Error takeProblems();

private:
  struct File {
    std::string path;
    llvm::json::Value root = nullptr;
    std::vector<std::string> problems;
  };
  Config(std::shared_ptr<File> file, const llvm::json::Object *object,
         std::string prefix)
      : file(std::move(file)), object(object), prefix(std::move(prefix)) {}

  const llvm::json::Value *find(llvm::StringRef key) const;
  void missing(llvm::StringRef key, llvm::StringRef wanted);

  std::shared_ptr<File> file;
  const llvm::json::Object *object;
  std::string prefix; ///< "rope_scaling." for an inner object
};

} // namespace importer

#endif // COMPILER_IMPORT_CONFIG_H
