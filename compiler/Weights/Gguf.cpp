// GGUF versions 2 and 3: magic, counts, metadata, tensor descriptions, values.
#include "compiler/Weights/Gguf.h"
#include "compiler/Weights/Blocks.h"
#include "compiler/Weights/Fail.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace llvm;

namespace weights {
namespace {

constexpr StringRef magic = "GGUF";
constexpr uint32_t mostDims = 4; // as ggml
constexpr uint64_t defaultAlignment = 32;

/// Bytes of a value by GgufValue::Type; 0: not of one size.
constexpr uint64_t valueBytes[] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

struct TypeInfo {
  uint32_t id;
  StringRef name;
  uint64_t values, bytes; ///< of a block
  DType dtype;
};

/// Types of other blocks are read by Blocks.h, or only listed.
constexpr TypeInfo types[] = {{0, "F32", 1, 4, DType::F32},
                              {1, "F16", 1, 2, DType::F16},
                              {2, "Q4_0", 32, 18, DType::Blocks},
                              {3, "Q4_1", 32, 20, DType::Blocks},
                              {6, "Q5_0", 32, 22, DType::Blocks},
                              {7, "Q5_1", 32, 24, DType::Blocks},
                              {8, "Q8_0", 32, 34, DType::Blocks},
                              {9, "Q8_1", 32, 36, DType::Other},
                              {10, "Q2_K", 256, 84, DType::Blocks},
                              {11, "Q3_K", 256, 110, DType::Blocks},
                              {12, "Q4_K", 256, 144, DType::Blocks},
                              {13, "Q5_K", 256, 176, DType::Blocks},
                              {14, "Q6_K", 256, 210, DType::Blocks},
                              {15, "Q8_K", 256, 292, DType::Other},
                              {16, "IQ2_XXS", 256, 66, DType::Other},
                              {17, "IQ2_XS", 256, 74, DType::Other},
                              {18, "IQ3_XXS", 256, 98, DType::Other},
                              {19, "IQ1_S", 256, 50, DType::Other},
                              {20, "IQ4_NL", 32, 18, DType::Other},
                              {21, "IQ3_S", 256, 110, DType::Other},
                              {22, "IQ2_S", 256, 82, DType::Other},
                              {23, "IQ4_XS", 256, 136, DType::Other},
                              {24, "I8", 1, 1, DType::Other},
                              {25, "I16", 1, 2, DType::Other},
                              {26, "I32", 1, 4, DType::Other},
                              {27, "I64", 1, 8, DType::Other},
                              {28, "F64", 1, 8, DType::F64},
                              {29, "IQ1_M", 256, 56, DType::Other},
                              {30, "BF16", 1, 2, DType::BF16},
                              {34, "TQ1_0", 256, 54, DType::Other},
                              {35, "TQ2_0", 256, 66, DType::Other},
                              {39, "MXFP4", 32, 17, DType::Other}};

template <typename T> T load(const char *at) {
  return support::endian::read<T, endianness::little>(at);
}

} // namespace

std::optional<int64_t> GgufValue::integer() const {
  if (array)
    return std::nullopt;
  switch (type) {
  case U8:
    return load<uint8_t>(data);
  case I8:
    return load<int8_t>(data);
  case U16:
    return load<uint16_t>(data);
  case I16:
    return load<int16_t>(data);
  case U32:
    return load<uint32_t>(data);
  case I32:
    return load<int32_t>(data);
  case U64:
    if (load<uint64_t>(data) > uint64_t(INT64_MAX))
      return std::nullopt;
    [[fallthrough]];
  case I64:
    return load<int64_t>(data);
  default:
    return std::nullopt;
  }
}

std::optional<double> GgufValue::number() const {
  if (array)
    return std::nullopt;
  if (type == F32)
    return bit_cast<float>(load<uint32_t>(data));
  if (type == F64)
    return bit_cast<double>(load<uint64_t>(data));
  if (std::optional<int64_t> whole = integer())
    return double(*whole);
  return std::nullopt;
}

std::optional<bool> GgufValue::flag() const {
  if (array || type != Bool)
    return std::nullopt;
  return *data != 0;
}

std::optional<StringRef> GgufValue::string() const {
  if (array || type != String)
    return std::nullopt;
  return StringRef(data + 8, load<uint64_t>(data));
}

template <typename T, typename Get>
std::optional<std::vector<T>> GgufValue::all(Get get) const {
  if (!array)
    return std::nullopt;
  GgufValue element = *this;
  element.array = false;
  std::vector<T> result;
  for (uint64_t i = 0; i < count; ++i) {
    auto value = get(element);
    if (!value)
      return std::nullopt;
    result.push_back(*value);
    element.data +=
        type == String ? 8 + load<uint64_t>(element.data) : valueBytes[type];
  }
  return result;
}

std::optional<std::vector<int64_t>> GgufValue::integers() const {
  return all<int64_t>([](const GgufValue &v) { return v.integer(); });
}
std::optional<std::vector<double>> GgufValue::numbers() const {
  return all<double>([](const GgufValue &v) { return v.number(); });
}
std::optional<std::vector<StringRef>> GgufValue::strings() const {
  return all<StringRef>([](const GgufValue &v) { return v.string(); });
}

/// Walks the file; whatever is taken is there.
class GgufReader {
public:
  GgufReader(StringRef path, StringRef bytes)
      : path(path), bytes(bytes), rest(bytes) {}

  Expected<Gguf> read();

private:
  template <typename T> Error take(T &value, StringRef what) {
    if (rest.size() < sizeof(T))
      return truncated(what);
    value = load<T>(rest.data());
    rest = rest.drop_front(sizeof(T));
    return Error::success();
  }
  Error takeString(StringRef &text, const std::string &what);
  Error takeValue(GgufValue &value, const std::string &what);
  Error takeElements(GgufValue &value, const std::string &what);
  Error readCounts();
  Error readMetadata(Gguf &gguf);
  Error readTensor(Gguf &gguf, uint64_t number);
  Error readType(Tensor &tensor, const std::string &what, uint64_t &bytes);
  Error readAlignment(const Gguf &gguf);
  Error place(Gguf &gguf);
  Error truncated(StringRef what) {
    return fail("{}: truncated in {}, after {} bytes", path.str(), what.str(),
                bytes.size());
  }

  StringRef path, bytes, rest;
  uint64_t keys = 0, tensors = 0, alignment = defaultAlignment;
  std::vector<uint64_t> offsets; ///< of each tensor
};

Error GgufReader::takeString(StringRef &text, const std::string &what) {
  uint64_t size;
  if (Error error = take(size, what))
    return error;
  if (size > rest.size())
    return fail("{}: {} is a string of {} bytes, {} are left", path.str(), what,
                size, rest.size());
  text = rest.take_front(size);
  rest = rest.drop_front(size);
  return Error::success();
}

Error GgufReader::takeElements(GgufValue &value, const std::string &what) {
  uint64_t each = value.type == GgufValue::String ? 8 : valueBytes[value.type];
  if (value.count > rest.size() / each)
    return fail("{}: {} has {} elements, {} bytes are left", path.str(), what,
                value.count, rest.size());
  if (value.type != GgufValue::String) {
    rest = rest.drop_front(value.count * each);
    return Error::success();
  }
  StringRef text;
  for (uint64_t i = 0; i < value.count; ++i)
    if (Error error = takeString(text, what))
      return error;
  return Error::success();
}

Error GgufReader::takeValue(GgufValue &value, const std::string &what) {
  uint32_t type;
  if (Error error = take(type, what))
    return error;
  value.array = type == GgufValue::Array;
  if (value.array) {
    if (Error error = take(type, what))
      return error;
    if (Error error = take(value.count, what))
      return error;
    if (type == GgufValue::Array)
      return fail("{}: {} is an array of arrays", path.str(), what);
  }
  if (type > GgufValue::F64)
    return fail("{}: {} has unknown type {}", path.str(), what, type);
  value.type = GgufValue::Type(type);
  value.data = rest.data();
  return takeElements(value, what);
}

Error GgufReader::readCounts() {
  if (!isGguf(bytes))
    return fail("{}: not a GGUF file", path.str());
  rest = rest.drop_front(magic.size());
  uint32_t version;
  if (Error error = take(version, "the header"))
    return error;
  if (version != 2 && version != 3)
    return fail("{}: GGUF version {}, expected 2 or 3{}", path.str(), version,
                version >> 16 ? " (a big-endian file?)" : "");
  if (Error error = take(tensors, "the header"))
    return error;
  if (Error error = take(keys, "the header"))
    return error;
  // A key takes 8 + 4 + 1 bytes at least, a tensor 8 + 4 + 4 + 8.
  if (keys > rest.size() / 13)
    return fail("{}: {} keys in a file of {} bytes", path.str(), keys,
                bytes.size());
  if (tensors > rest.size() / 24)
    return fail("{}: {} tensors in a file of {} bytes", path.str(), tensors,
                bytes.size());
  return Error::success();
}

Error GgufReader::readMetadata(Gguf &gguf) {
  for (uint64_t i = 0; i < keys; ++i) {
    StringRef key;
    if (Error error = takeString(key, fmt::format("key {}", i)))
      return error;
    GgufValue value;
    if (Error error = takeValue(value, fmt::format("'{}'", key.str())))
      return error;
    if (!gguf.metadata.emplace(key, value).second)
      return fail("{}: key '{}' occurs twice", path.str(), key.str());
  }
  return Error::success();
}

Error GgufReader::readType(Tensor &tensor, const std::string &what,
                           uint64_t &bytes) {
  uint32_t id;
  if (Error error = take(id, what))
    return error;
  const TypeInfo *type =
      find_if(types, [&](const TypeInfo &each) { return each.id == id; });
  if (type == std::end(types))
    return fail("{}: {} has unknown type {}", path.str(), what, id);
  tensor.dtype = type->dtype;
  tensor.dtypeName = type->name;
  if (tensor.dtype == DType::Blocks)
    tensor.blocks = findBlockFormat(type->name);
  if (uint64_t(tensor.shape.back()) % type->values != 0)
    return fail("{}: {}: rows of {} values are no whole blocks of {} ({})",
                path.str(), what, tensor.shape.back(), type->values,
                type->name.str());
  bytes = type->bytes;
  uint64_t values = 1;
  for (int64_t dim : tensor.shape)
    if (__builtin_mul_overflow(values, uint64_t(dim), &values))
      return fail("{}: {}: the size of shape {} overflows", path.str(), what,
                  showShape(tensor.shape));
  if (__builtin_mul_overflow(bytes, values / type->values, &bytes))
    return fail("{}: {}: the size of shape {} overflows", path.str(), what,
                showShape(tensor.shape));
  return Error::success();
}

/// Name, dimensions with the fastest first, type, offset.
Error GgufReader::readTensor(Gguf &gguf, uint64_t number) {
  Tensor tensor;
  StringRef name;
  if (Error error = takeString(name, fmt::format("tensor {}", number)))
    return error;
  tensor.name = name.str();
  std::string what = fmt::format("tensor '{}'", tensor.name);
  uint32_t dims;
  if (Error error = take(dims, what))
    return error;
  if (dims < 1 || dims > mostDims)
    return fail("{}: {} has {} dimensions, expected 1 to {}", path.str(), what,
                dims, mostDims);
  for (uint32_t i = 0; i < dims; ++i) {
    uint64_t size;
    if (Error error = take(size, what))
      return error;
    if (size == 0 || size > uint64_t(INT64_MAX))
      return fail("{}: {} has a dimension of {}", path.str(), what, size);
    tensor.shape.insert(tensor.shape.begin(), int64_t(size));
  }
  uint64_t bytes, offset;
  if (Error error = readType(tensor, what, bytes))
    return error;
  if (Error error = take(offset, what))
    return error;
  if (bytes > this->bytes.size())
    return fail("{}: {}: {} of shape {} takes {} bytes, the file has {}",
                path.str(), what, tensor.dtypeName.str(),
                showShape(tensor.shape), bytes, this->bytes.size());
  tensor.bytes = int64_t(bytes);
  offsets.push_back(offset);
  gguf.tensors.push_back(std::move(tensor));
  return Error::success();
}

Error GgufReader::readAlignment(const Gguf &gguf) {
  const GgufValue *value = gguf.find("general.alignment");
  if (!value)
    return Error::success();
  std::optional<int64_t> number = value->integer();
  if (!number || *number <= 0 || !isPowerOf2_64(uint64_t(*number)))
    return fail("{}: general.alignment: expected a power of two", path.str());
  alignment = uint64_t(*number);
  return Error::success();
}

/// Where the values are: aligned, inside, and apart from each other.
Error GgufReader::place(Gguf &gguf) {
  uint64_t header = bytes.size() - rest.size();
  uint64_t padding = (alignment - header % alignment) % alignment;
  StringRef data = rest.drop_front(std::min<uint64_t>(padding, rest.size()));
  std::vector<size_t> order(gguf.tensors.size());
  for (size_t i = 0; i < order.size(); ++i) {
    Tensor &tensor = gguf.tensors[i];
    order[i] = i;
    if (offsets[i] % alignment != 0)
      return fail("{}: tensor '{}' begins at byte {}, no multiple of {}",
                  path.str(), tensor.name, offsets[i], alignment);
    if (offsets[i] > data.size() ||
        uint64_t(tensor.bytes) > data.size() - offsets[i])
      return fail("{}: tensor '{}' takes {} bytes at byte {}, the file holds "
                  "{} bytes of values",
                  path.str(), tensor.name, tensor.bytes, offsets[i],
                  data.size());
    tensor.data = data.data() + offsets[i];
  }
  llvm::sort(order, [&](size_t a, size_t b) {
    return std::pair(offsets[a], a) < std::pair(offsets[b], b);
  });
  for (size_t i = 1; i < order.size(); ++i) {
    const Tensor &before = gguf.tensors[order[i - 1]];
    const Tensor &tensor = gguf.tensors[order[i]];
    if (before.data + before.bytes > tensor.data)
      return fail("{}: tensors '{}' and '{}' overlap", path.str(), before.name,
                  tensor.name);
  }
  return Error::success();
}

Expected<Gguf> GgufReader::read() {
  Gguf gguf;
  if (Error error = readCounts())
    return error;
  if (Error error = readMetadata(gguf))
    return error;
  if (Error error = readAlignment(gguf))
    return error;
  for (uint64_t i = 0; i < tensors; ++i)
    if (Error error = readTensor(gguf, i))
      return error;
  if (Error error = place(gguf))
    return error;
  return gguf;
}

std::optional<spec::Dtype> ggufFormat(StringRef type) {
  return StringSwitch<std::optional<spec::Dtype>>(type)
      .Case("F32", spec::Dtype::F32)
      .Case("BF16", spec::Dtype::Bf16)
      .Case("Q8_0", spec::Dtype::Int8)
      .Case("Q4_0", spec::Dtype::Int4)
      .Default(std::nullopt);
}

bool isAlwaysF32(StringRef parameter) {
  return parameter.ends_with(".router.weight") ||
         parameter.ends_with(".shared_gate.weight");
}

bool isGguf(StringRef bytes) { return bytes.starts_with(magic); }

Expected<Gguf> parseGguf(StringRef path, StringRef bytes) {
  return GgufReader(path, bytes).read();
}

Expected<TensorFile> readGguf(StringRef path) {
  TensorFile file(path);
  Expected<StringRef> bytes = file.map(path);
  if (!bytes)
    return bytes.takeError();
  Expected<Gguf> gguf = parseGguf(path, *bytes);
  if (!gguf)
    return gguf.takeError();
  for (Tensor &tensor : gguf->tensors)
    if (std::string name = tensor.name; !file.add(std::move(tensor)))
      return fail("{}: tensor '{}' occurs twice", path.str(), name);
  return file;
}

} // namespace weights
