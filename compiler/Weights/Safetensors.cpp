// Hugging Face safetensors: a length, a JSON header, the values. Every size and
// offset is checked against the file before any value is read.
#include "compiler/Weights/Fail.h"
#include "compiler/Weights/Json.h"
#include "compiler/Weights/TensorFile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/Path.h"

#include <algorithm>
#include <map>

using namespace llvm;

namespace weights {
namespace {

constexpr uint64_t maxHeaderBytes = 100'000'000; // as the format's own reader

struct TypeInfo {
  StringRef name;
  DType dtype;
  uint64_t bytes;
};

constexpr TypeInfo types[] = {
    {"F32", DType::F32, 4},      {"F16", DType::F16, 2},
    {"BF16", DType::BF16, 2},    {"F64", DType::F64, 8},
    {"I64", DType::Other, 8},    {"I32", DType::Other, 4},
    {"I16", DType::Other, 2},    {"I8", DType::Other, 1},
    {"U64", DType::Other, 8},    {"U32", DType::Other, 4},
    {"U16", DType::Other, 2},    {"U8", DType::Other, 1},
    {"BOOL", DType::Other, 1},   {"F8_E4M3", DType::Other, 1},
    {"F8_E5M2", DType::Other, 1}};

/// Reads the entries of one header; `where` is "<file>: tensor '<name>'".
class Header {
public:
  Header(StringRef path, StringRef data) : path(path), data(data) {}

  Expected<Tensor> readTensor(StringRef name, const json::Value &value);

private:
  Error readShape(const json::Object &entry, Tensor &tensor, uint64_t &bytes);

  StringRef path, data;
  std::string where;
};

Error Header::readShape(const json::Object &entry, Tensor &tensor,
                        uint64_t &bytes) {
  const json::Array *shape = entry.getArray("shape");
  if (!shape)
    return fail("{}: no array 'shape'", where);
  for (const json::Value &dim : *shape) {
    std::optional<uint64_t> size = dim.getAsUINT64();
    if (!size || *size > uint64_t(INT64_MAX))
      return fail("{}: shape: expected sizes of at least 0", where);
    tensor.shape.push_back(int64_t(*size));
    if (__builtin_mul_overflow(bytes, *size, &bytes))
      return fail("{}: the size of shape {} overflows", where,
                  showShape(tensor.shape));
  }
  return Error::success();
}

Expected<Tensor> Header::readTensor(StringRef name, const json::Value &value) {
  where = fmt::format("{}: tensor '{}'", path.str(), name.str());
  const json::Object *entry = value.getAsObject();
  if (!entry)
    return fail("{}: expected an object", where);
  for (const auto &[key, unused] : *entry)
    if (key != "dtype" && key != "shape" && key != "data_offsets")
      return fail("{}: unknown key '{}'", where, StringRef(key).str());

  std::optional<StringRef> dtype = entry->getString("dtype");
  if (!dtype)
    return fail("{}: no string 'dtype'", where);
  const TypeInfo *type =
      find_if(types, [&](const TypeInfo &info) { return info.name == *dtype; });
  if (type == std::end(types))
    return fail("{}: unknown dtype '{}'", where, dtype->str());

  Tensor tensor;
  tensor.name = name.str();
  tensor.dtype = type->dtype;
  tensor.dtypeName = type->name;
  uint64_t bytes = type->bytes;
  if (Error error = readShape(*entry, tensor, bytes))
    return error;

  const json::Array *offsets = entry->getArray("data_offsets");
  if (!offsets || offsets->size() != 2)
    return fail("{}: expected two 'data_offsets'", where);
  std::optional<uint64_t> begin = (*offsets)[0].getAsUINT64();
  std::optional<uint64_t> end = (*offsets)[1].getAsUINT64();
  if (!begin || !end || *begin > *end)
    return fail("{}: data_offsets: expected two ascending offsets", where);
  if (*end > data.size())
    return fail("{}: ends at byte {}, the file holds {} bytes of values", where,
                *end, data.size());
  if (*end - *begin != bytes)
    return fail("{}: {} of shape {} takes {} bytes, data_offsets hold {}",
                where, dtype->str(), showShape(tensor.shape), bytes,
                *end - *begin);
  tensor.data = data.data() + *begin;
  tensor.bytes = int64_t(bytes);
  return tensor;
}

/// Sorted by offset, the tensors cover the data section without gap or overlap.
Error checkCoverage(StringRef path, StringRef data,
                    std::vector<Tensor> &tensors) {
  llvm::sort(tensors, [](const Tensor &a, const Tensor &b) {
    return std::tie(a.data, a.bytes, a.name) <
           std::tie(b.data, b.bytes, b.name);
  });
  const char *end = data.data();
  for (const Tensor &tensor : tensors) {
    if (tensor.data != end)
      return fail("{}: tensor '{}' begins at byte {}, the one before it ends "
                  "at byte {}",
                  path.str(), tensor.name, tensor.data - data.data(),
                  end - data.data());
    end = tensor.data + tensor.bytes;
  }
  if (end != data.end())
    return fail("{}: the tensors end at byte {} of {}", path.str(),
                end - data.data(), data.size());
  return Error::success();
}

Expected<std::vector<Tensor>> readHeader(StringRef path, StringRef file) {
  if (file.size() < 8)
    return fail("{}: {} bytes are no safetensors file", path.str(),
                file.size());
  uint64_t bytes = support::endian::read64le(file.data());
  if (bytes > maxHeaderBytes)
    return fail("{}: a header of {} bytes, the format allows {}", path.str(),
                bytes, maxHeaderBytes);
  if (bytes > file.size() - 8)
    return fail("{}: a header of {} bytes in a file of {}", path.str(), bytes,
                file.size());
  StringRef data = file.drop_front(8 + bytes);
  Expected<json::Value> json =
      parseJson(file.substr(8, bytes), path.str() + ": header");
  if (!json)
    return json.takeError();
  const json::Object *entries = json->getAsObject();
  if (!entries)
    return fail("{}: header: expected an object", path.str());

  Header header(path, data);
  std::vector<Tensor> tensors;
  for (const auto &[name, value] : *entries) {
    if (StringRef(name) == "__metadata__")
      continue;
    Expected<Tensor> tensor = header.readTensor(name, value);
    if (!tensor)
      return tensor.takeError();
    tensors.push_back(std::move(*tensor));
  }
  if (Error error = checkCoverage(path, data, tensors))
    return error;
  return tensors;
}

Error addAll(TensorFile &file, StringRef path,
             function_ref<bool(StringRef name)> wanted) {
  Expected<StringRef> bytes = file.map(path);
  if (!bytes)
    return bytes.takeError();
  Expected<std::vector<Tensor>> tensors = readHeader(path, *bytes);
  if (!tensors)
    return tensors.takeError();
  for (Tensor &tensor : *tensors)
    if (wanted(tensor.name))
      file.add(std::move(tensor));
  return Error::success();
}

} // namespace

Expected<TensorFile> readSafetensors(StringRef path) {
  TensorFile file(path);
  if (Error error = addAll(file, path, [](StringRef) { return true; }))
    return error;
  return file;
}

/// `weight_map` says which shard holds a tensor; shards lie beside the index.
Expected<TensorFile> readShardedSafetensors(StringRef path) {
  TensorFile file(path);
  Expected<StringRef> text = file.map(path);
  if (!text)
    return text.takeError();
  if (text->size() > maxHeaderBytes)
    return fail("{}: larger than {} bytes", path.str(), maxHeaderBytes);
  Expected<json::Value> json = parseJson(*text, path);
  if (!json)
    return json.takeError();
  const json::Object *index = json->getAsObject();
  const json::Object *shards = index ? index->getObject("weight_map") : nullptr;
  if (!shards)
    return fail("{}: no object 'weight_map'", path.str());

  // Sorted, so that errors and order don't depend on a hash.
  std::map<std::string, std::vector<std::string>> namesOf;
  for (const auto &[name, shard] : *shards) {
    std::optional<StringRef> shardName = shard.getAsString();
    if (!shardName || shardName->empty() || shardName->contains('/') ||
        !shardName->ends_with(".safetensors"))
      return fail("{}: weight_map: '{}': expected the name of a .safetensors "
                  "file in the same folder",
                  path.str(), StringRef(name).str());
    namesOf[shardName->str()].push_back(StringRef(name).str());
  }
  for (auto &[shard, names] : namesOf) {
    SmallString<128> shardPath = sys::path::parent_path(path);
    sys::path::append(shardPath, shard);
    llvm::sort(names);
    auto wanted = [&](StringRef name) {
      return std::binary_search(names.begin(), names.end(), name.str());
    };
    if (Error error = addAll(file, shardPath, wanted))
      return joinErrors(
          std::move(error),
          fail("{}: names {} as the shard of {} tensors ('{}', ...)",
               path.str(), shard, names.size(), names.front()));
    for (const std::string &name : names)
      if (!file.find(name))
        return fail("{}: tensor '{}' is not in {}, where the index {} puts it",
                    path.str(), name, shardPath.str().str(),
                    sys::path::filename(path).str());
  }
  return file;
}

} // namespace weights
