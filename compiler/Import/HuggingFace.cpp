// A folder of Hugging Face's transformers: the family's function makes the
// spec, the tensors that are there say which prefix their names have.
#include "compiler/Import/Families.h"
#include "compiler/Import/Formats.h"
#include "compiler/Spec/Parser.h"
#include "compiler/Weights/Fail.h"
#include "compiler/Weights/TensorFile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace importer {
namespace {

std::string inFolder(StringRef folder, StringRef name) {
  SmallString<128> path(folder);
  sys::path::append(path, name);
  return path.str().str();
}

std::string nearestFamilies(StringRef modelType) {
  std::vector<StringRef> known;
  for (const Family &family : families())
    known.push_back(family.modelType);
  return nearest(modelType, known);
}

/// The first file, by name, that seems to hold weights which we don't read.
std::string findForeignWeights(StringRef folder) {
  std::string first;
  std::error_code code;
  for (sys::fs::directory_iterator it(folder, code), end; it != end && !code;
       it.increment(code)) {
    StringRef name = sys::path::filename(it->path());
    bool weights = name.starts_with("pytorch_model");
    for (StringRef ending :
         {".safetensors", ".pt", ".pth", ".gguf", ".h5", ".msgpack", ".onnx"})
      weights |= name.ends_with(ending);
    if (weights && (first.empty() || name < first))
      first = name.str();
  }
  return first;
}

/// "" if there are no weights at all.
Expected<std::string> findWeights(StringRef folder) {
  for (StringRef name : {"model.safetensors", "model.safetensors.index.json"}) {
    std::string path = inFolder(folder, name);
    if (sys::fs::exists(path))
      return path;
  }
  std::string other = findForeignWeights(folder);
  if (!other.empty())
    return weights::fail("{}: expected model.safetensors or "
                         "model.safetensors.index.json, there is only {}",
                         folder.str(), other);
  return "";
}

std::string findPrefix(const weights::TensorFile &file, const Import &import) {
  for (StringRef prefix : import.prefixes)
    if (file.find((prefix + import.anchor).str()))
      return prefix.str();
  return import.prefixes.front().str();
}

Error addWeights(Import &import, StringRef path) {
  Expected<weights::TensorFile> file = weights::openTensorFile(path);
  if (!file)
    return file.takeError();
  std::string prefix = findPrefix(*file, import);
  spec::WeightFiles files;
  files.files = {absolutePath(path)};
  files.names = mapNames(import, prefix);
  import.spec.weights = std::move(files);
  return Error::success();
}

/// The config of one tower of a model that has two, or of the model.
Error chooseTower(Config &config, std::string &type, StringRef path,
                  StringRef tower) {
  if (type != "clip")
    return tower.empty()
               ? Error::success()
               : weights::fail("{}: '{}' has one tower, --tower={} is for "
                               "models of two",
                               path.str(), type, tower.str());
  std::optional<Config> inner;
  if (tower == "text" || tower == "vision")
    inner = config.inner((tower + "_config").str());
  else
    return weights::fail("{}: '{}' has two towers, each a model of its own: "
                         "say --tower=text or --tower=vision",
                         path.str(), type);
  if (!inner)
    return weights::fail("{}: {}_config: missing", path.str(), tower.str());
  config = *inner;
  type = ("clip_" + tower + "_model").str();
  return Error::success();
}

} // namespace

Expected<spec::Spec> importHuggingFace(StringRef folder, StringRef tower) {
  std::string path = inFolder(folder, "config.json");
  if (!sys::fs::exists(path))
    return weights::fail("{}: a folder without config.json", folder.str());
  Expected<Config> config = Config::read(path);
  if (!config)
    return config.takeError();
  if (!config->has("model_type"))
    return weights::fail("{}: model_type: missing, expected one of {}", path,
                         nearestFamilies(""));
  std::string type = config->text("model_type", "");
  if (Error error = config->takeProblems())
    return error;
  if (Error error = chooseTower(*config, type, path, tower))
    return error;
  const Family *family = find_if(
      families(), [&](const Family &each) { return each.modelType == type; });
  for (const Unsupported &each : unsupportedFamilies())
    if (each.modelType == type)
      return weights::fail("{}: model_type: '{}' is not supported, it needs "
                           "{}; nearest: {}",
                           path, type, each.missing.str(),
                           nearestFamilies(type));
  if (family == families().end())
    return weights::fail("{}: model_type: '{}' is not supported, nearest: {}",
                         path, type, nearestFamilies(type));

  Import import = family->import(*config);
  if (Error error = config->takeProblems())
    return error;
  import.spec.model =
      modelName(sys::path::filename(absolutePath(folder)), type);
  import.spec.path = path;
  if (Error error = finish(import.spec, path))
    return error;
  Expected<std::string> tensors = findWeights(folder);
  if (!tensors)
    return tensors.takeError();
  if (!tensors->empty())
    if (Error error = addWeights(import, *tensors))
      return error;
  return std::move(import.spec);
}

} // namespace importer
