// Reads a config.json field by field.
#include "compiler/Import/Config.h"
#include "compiler/Weights/Fail.h"
#include "compiler/Weights/Json.h"
#include "compiler/Weights/TensorFile.h"

#include <cmath>

using namespace llvm;

namespace importer {
namespace {

constexpr size_t maxFileBytes = size_t(16) << 20;

} // namespace

Expected<Config> Config::read(StringRef path) {
  Expected<std::unique_ptr<MemoryBuffer>> buffer = weights::mapFile(path);
  if (!buffer)
    return buffer.takeError();
  StringRef text = (*buffer)->getBuffer();
  if (text.size() > maxFileBytes)
    return weights::fail("{}: larger than {} bytes", path.str(), maxFileBytes);
  Expected<json::Value> root = weights::parseJson(text, path);
  if (!root)
    return root.takeError();
  auto file = std::make_shared<File>();
  file->path = path.str();
  file->root = std::move(*root);
  const json::Object *object = file->root.getAsObject();
  if (!object)
    return weights::fail("{}: expected an object", path.str());
  return Config(file, object, "");
}

Config Config::of(StringRef path, json::Object object) {
  auto file = std::make_shared<File>();
  file->path = path.str();
  file->root = std::move(object);
  return Config(file, file->root.getAsObject(), "");
}

const json::Value *Config::find(StringRef key) const {
  const json::Value *value = object->get(key);
  return value && value->kind() != json::Value::Null ? value : nullptr;
}

bool Config::isNull(StringRef key) const {
  return object->get(key) && !has(key);
}

void Config::problem(StringRef key, const std::string &message) {
  file->problems.push_back(
      fmt::format("{}: {}{}: {}", file->path, prefix, key.str(), message));
}

void Config::refuse(StringRef key, const std::string &value,
                    const std::string &supported) {
  problem(key, fmt::format("{} is not supported, {}", value, supported));
}

void Config::missing(StringRef key, StringRef wanted) {
  problem(key, fmt::format("missing, expected {}", wanted.str()));
}

int64_t Config::size(StringRef key) {
  if (!has(key)) {
    missing(key, "a positive integer");
    return 1;
  }
  return size(key, 1);
}

int64_t Config::size(StringRef key, int64_t otherwise) {
  const json::Value *value = find(key);
  if (!value)
    return otherwise;
  std::optional<int64_t> number = value->getAsInteger();
  if (number && *number >= 1 && *number <= INT32_MAX)
    return *number;
  problem(key, "expected a positive integer");
  return otherwise;
}

int64_t Config::count(StringRef key, int64_t otherwise) {
  const json::Value *value = find(key);
  if (!value)
    return otherwise;
  std::optional<int64_t> number = value->getAsInteger();
  if (number && *number >= 0 && *number <= INT32_MAX)
    return *number;
  problem(key, "expected an integer of at least 0");
  return otherwise;
}

double Config::positive(StringRef key) {
  if (!has(key)) {
    missing(key, "a positive number");
    return 1.0;
  }
  return positive(key, 1.0);
}

double Config::positive(StringRef key, double otherwise) {
  const json::Value *value = find(key);
  if (!value)
    return otherwise;
  std::optional<double> number = value->getAsNumber();
  if (number && std::isfinite(*number) && *number > 0)
    return *number;
  problem(key, "expected a positive number");
  return otherwise;
}

bool Config::flag(StringRef key, bool otherwise) {
  const json::Value *value = find(key);
  if (!value)
    return otherwise;
  if (std::optional<bool> flag = value->getAsBoolean())
    return *flag;
  problem(key, "expected true or false");
  return otherwise;
}

std::string Config::text(StringRef key, StringRef otherwise) {
  const json::Value *value = find(key);
  if (!value)
    return otherwise.str();
  if (std::optional<StringRef> text = value->getAsString())
    return text->str();
  problem(key, "expected a string");
  return otherwise.str();
}

std::vector<std::string> Config::texts(StringRef key) {
  std::vector<std::string> result;
  const json::Value *value = find(key);
  if (!value)
    return result;
  const json::Array *list = value->getAsArray();
  for (const json::Value &item : list ? *list : json::Array())
    if (std::optional<StringRef> text = item.getAsString())
      result.push_back(text->str());
  if (!list || result.size() != list->size())
    problem(key, "expected a list of strings");
  return result;
}

std::vector<int64_t> Config::counts(StringRef key) {
  std::vector<int64_t> result;
  const json::Value *value = find(key);
  if (!value)
    return result;
  const json::Array *list = value->getAsArray();
  for (const json::Value &item : list ? *list : json::Array())
    if (std::optional<int64_t> number = item.getAsInteger();
        number && *number >= 0)
      result.push_back(*number);
  if (!list || result.size() != list->size())
    problem(key, "expected a list of integers of at least 0");
  return result;
}

std::vector<double> Config::positives(StringRef key) {
  std::vector<double> result;
  const json::Value *value = find(key);
  const json::Array *list = value ? value->getAsArray() : nullptr;
  for (const json::Value &item : list ? *list : json::Array())
    if (std::optional<double> number = item.getAsNumber();
        number && std::isfinite(*number) && *number > 0)
      result.push_back(*number);
  if (!list || result.size() != list->size())
    problem(key, "expected a list of positive numbers");
  return result;
}

int64_t Config::entries(StringRef key) {
  const json::Value *value = find(key);
  const json::Object *inner = value ? value->getAsObject() : nullptr;
  if (inner && !inner->empty())
    return int64_t(inner->size());
  problem(key, "expected an object that is not empty");
  return 1;
}

std::optional<Config> Config::inner(StringRef key) {
  const json::Value *value = find(key);
  if (!value)
    return std::nullopt;
  if (const json::Object *inner = value->getAsObject())
    return Config(file, inner, prefix + key.str() + ".");
  problem(key, "expected an object");
  return std::nullopt;
}

Error Config::takeProblems() {
  Error errors = Error::success();
  for (const std::string &problem : file->problems)
    errors = joinErrors(std::move(errors), weights::fail("{}", problem));
  file->problems.clear();
  return errors;
}

} // namespace importer
