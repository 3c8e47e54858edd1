// Chooses the format, and what all importers do at the end.
#include "compiler/Import/Importer.h"
#include "compiler/Import/Formats.h"
#include "compiler/Spec/Parser.h"
#include "compiler/Weights/CTranslate2.h"
#include "compiler/Weights/Fail.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace importer {

bool isImportable(StringRef path) {
  return sys::fs::is_directory(path) || path.ends_with(".bin") ||
         path.ends_with(".gguf") || sys::path::filename(path) == "config.json";
}

static Expected<spec::Spec> importFile(StringRef path) {
  if (path.ends_with(".gguf"))
    return importGguf(path);
  return weights::isCTranslate2(path) ? importCTranslate2(path)
                                      : importLlama2c(path);
}

Expected<spec::Spec> importModel(StringRef path, StringRef tower) {
  SmallString<256> model(path);
  if (sys::fs::is_directory(path)) {
    sys::path::append(model, "model.bin");
    if (!weights::isCTranslate2(model))
      return importHuggingFace(path, tower);
  }
  if (sys::path::filename(path) == "config.json") {
    StringRef folder = sys::path::parent_path(path);
    return importHuggingFace(folder.empty() ? "." : folder, tower);
  }
  if (!tower.empty())
    return weights::fail("{}: has one tower, --tower={} is for models of two",
                         path.str(), tower.str());
  return importFile(model);
}

Error finish(spec::Spec &spec, StringRef path) {
  std::vector<std::string> problems;
  bool good =
      spec::checkSpec(spec, [&](spec::Place, const std::string &message) {
        problems.push_back(message);
      });
  Error errors = Error::success();
  for (const std::string &problem : problems)
    errors = joinErrors(std::move(errors),
                        weights::fail("{}: {}", path.str(), problem));
  if (!good && problems.empty())
    return weights::fail("{}: the model doesn't fit together", path.str());
  return errors;
}

std::string modelName(StringRef fileName, StringRef otherwise) {
  std::string name;
  for (char c : fileName)
    name += isAlnum(c) ? c : '_';
  size_t first = name.find_first_of("abcdefghijklmnopqrstuvwxyz"
                                    "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  if (first == std::string::npos)
    return otherwise.str();
  return first == 0 ? name.substr(0, 64)
                    : (otherwise.str() + "_" + name).substr(0, 64);
}

std::string absolutePath(StringRef path) {
  SmallString<256> absolute(path);
  if (!sys::fs::make_absolute(absolute))
    sys::path::remove_dots(absolute, /*remove_dot_dot=*/false);
  return absolute.str().str();
}

} // namespace importer
