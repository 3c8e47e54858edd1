// Metadata and tensors of a GGUF file by their names.
#include "compiler/Import/GgufModel.h"
#include "compiler/Weights/Fail.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace importer {

GgufModel::GgufModel(StringRef path, StringRef arch, const weights::Gguf &gguf)
    : filePath(path), name(arch), gguf(gguf) {
  for (const weights::Tensor &tensor : gguf.tensors)
    tensors.try_emplace(tensor.name, &tensor);
}

const weights::GgufValue *GgufModel::find(StringRef key) const {
  return gguf.find((name + "." + key).str());
}

std::optional<int64_t> GgufModel::integer(StringRef key) const {
  const weights::GgufValue *value = find(key);
  std::optional<int64_t> number = value ? value->integer() : std::nullopt;
  return number && isInt<32>(*number) ? number : std::nullopt;
}

std::optional<double> GgufModel::number(StringRef key) const {
  const weights::GgufValue *value = find(key);
  return value ? value->number() : std::nullopt;
}

bool GgufModel::anyBlockHas(StringRef part) const {
  std::string end = ("." + part).str();
  return any_of(gguf.tensors, [&](const weights::Tensor &tensor) {
    return StringRef(tensor.name).ends_with(end);
  });
}

Error GgufModel::refuse(StringRef key, const Twine &what) const {
  return weights::fail("{}: {}.{}: {}", filePath.str(), name.str(), key.str(),
                       what.str());
}

double shortest(float value) {
  double result;
  return StringRef(fmt::format("{}", value)).getAsDouble(result) ? double(value)
                                                                 : result;
}

static json::Value fieldOf(const weights::GgufValue &value) {
  if (std::optional<bool> flag = value.flag())
    return *flag;
  if (std::optional<int64_t> whole = value.integer())
    return *whole;
  if (std::optional<double> number = value.number())
    return shortest(float(*number));
  return nullptr;
}

Error GgufModel::copy(ArrayRef<Key> keys, json::Object &config) const {
  for (const Key &key : keys) {
    const weights::GgufValue *value = find(key.theirs);
    if (!value)
      continue;
    if (value->isArray())
      return refuse(key.theirs,
                    "another number for each block is not supported");
    json::Value field = fieldOf(*value);
    if (field.kind() == json::Value::Null)
      return refuse(key.theirs, "expected a number");
    config[key.field] = std::move(field);
  }
  return Error::success();
}

} // namespace importer
