// CTranslate2's model.bin: named tensors one after the other. Integers come
// with scales, one for a row or for all, and are divided by them here.
#include "compiler/Weights/CTranslate2.h"
#include "compiler/Weights/Fail.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/Endian.h"

#include <cmath>

using namespace llvm;

namespace weights {
namespace {

constexpr uint32_t latestVersion = 6;

/// Takes numbers and strings off the front; what is missing makes it short.
class Cursor {
public:
  explicit Cursor(StringRef data) : data(data) {}

  template <class T> T take() {
    StringRef bytes = takeBytes(sizeof(T));
    return isShort ? T()
                   : support::endian::read<T, endianness::little>(bytes.data());
  }
  /// Its length comes first and counts a zero at the end.
  std::string takeText() {
    StringRef text = takeBytes(take<uint16_t>());
    if (!text.consume_back(StringRef("\0", 1)))
      isShort = true;
    return text.str();
  }
  StringRef takeBytes(uint64_t count) {
    if (count > data.size())
      isShort = true;
    if (isShort)
      return {};
    StringRef bytes = data.take_front(size_t(count));
    data = data.drop_front(size_t(count));
    return bytes;
  }

  StringRef data;
  bool isShort = false;
};

struct Kind {
  DType dtype;
  StringRef name;
  int64_t bytes;
};

/// By the number that files from version 4 on have.
constexpr Kind kinds[] = {
    {DType::F32, "float", 4},   {DType::Other, "int8", 1},
    {DType::Other, "int16", 2}, {DType::Other, "int32", 4},
    {DType::F16, "float16", 2}, {DType::BF16, "bfloat16", 2}};

/// Older files say how many bytes a value has.
const Kind *kindOf(uint32_t version, uint8_t number) {
  if (version >= 4)
    return number < std::size(kinds) ? &kinds[number] : nullptr;
  return number == 4   ? &kinds[0]
         : number == 1 ? &kinds[1]
         : number == 2 ? &kinds[2]
                       : nullptr;
}

double integerAt(const Tensor &tensor, int64_t index) {
  const char *at = tensor.data + index * (tensor.dtypeName == "int8"    ? 1
                                          : tensor.dtypeName == "int16" ? 2
                                                                        : 4);
  if (tensor.dtypeName == "int8")
    return static_cast<int8_t>(*at);
  if (tensor.dtypeName == "int16")
    return static_cast<int16_t>(support::endian::read16le(at));
  return static_cast<int32_t>(support::endian::read32le(at));
}

float floatAt(const Tensor &tensor, int64_t index) {
  return bit_cast<float>(support::endian::read32le(tensor.data + 4 * index));
}

class Reader {
public:
  Reader(StringRef path, StringRef data) : path(path), cursor(data) {}

  Error read(CTranslate2Model &model) {
    uint32_t version = cursor.take<uint32_t>();
    model.spec = cursor.takeText();
    model.revision = cursor.take<uint32_t>();
    uint32_t count = cursor.take<uint32_t>();
    if (version < 2 || version > latestVersion)
      return fail("{}: CTranslate2 file of version {}, expected 2 to {}",
                  path.str(), version, latestVersion);
    for (uint32_t i = 0; i < count && !cursor.isShort; ++i)
      if (Error error = readTensor(version))
        return error;
    uint32_t aliases = version >= 3 ? cursor.take<uint32_t>() : 0;
    for (uint32_t i = 0; i < aliases && !cursor.isShort; ++i) {
      std::string alias = cursor.takeText();
      model.aliases[alias] = cursor.takeText();
    }
    if (cursor.isShort)
      return fail("{}: truncated: the file ends within what it says to have",
                  path.str());
    if (!cursor.data.empty())
      return fail("{}: {} bytes after the last tensor", path.str(),
                  cursor.data.size());
    return sort(model);
  }

private:
  Error readTensor(uint32_t version) {
    Tensor tensor;
    tensor.name = cursor.takeText();
    for (uint8_t rank = cursor.take<uint8_t>(); rank > 0; --rank)
      tensor.shape.push_back(cursor.take<uint32_t>());
    uint8_t number = cursor.take<uint8_t>();
    const Kind *kind = kindOf(version, number);
    uint64_t bytes = cursor.take<uint32_t>();
    if (cursor.isShort)
      return Error::success();
    if (!kind)
      return fail("{}: tensor '{}' is of an unknown kind, {}", path.str(),
                  tensor.name, number);
    bytes *= version >= 4 ? 1 : uint64_t(kind->bytes);
    tensor.dtype = kind->dtype;
    tensor.dtypeName = kind->name;
    tensor.bytes = int64_t(bytes);
    tensor.data = cursor.takeBytes(bytes).data();
    __int128 wanted = kind->bytes;
    for (int64_t size : tensor.shape)
      if ((wanted *= size) > (__int128(1) << 62))
        break;
    if (!cursor.isShort && wanted != __int128(bytes))
      return fail("{}: tensor '{}' has {} bytes, which its shape does not need",
                  path.str(), tensor.name, bytes);
    if (!places.try_emplace(tensor.name, list.size()).second)
      return fail("{}: there are two tensors '{}'", path.str(), tensor.name);
    list.push_back(std::move(tensor));
    return Error::success();
  }

  const Tensor *find(StringRef name) const {
    auto place = places.find(name);
    return place == places.end() ? nullptr : &list[place->second];
  }

  static bool isInteger(const Tensor &tensor) {
    return tensor.dtype == DType::Other;
  }

  /// Single numbers are settings, scales go into what they are of.
  Error sort(CTranslate2Model &model) {
    for (Tensor &tensor : list) {
      StringRef owner = tensor.name;
      if (owner.consume_back("_scale") && find(owner))
        continue;
      const Tensor *scale = find(tensor.name + "_scale");
      if (tensor.shape.empty()) {
        model.settings[tensor.name] = isInteger(tensor) ? integerAt(tensor, 0)
                                      : tensor.dtype == DType::F32
                                          ? floatAt(tensor, 0)
                                          : 0.0;
        continue;
      }
      if (isInteger(tensor) && scale)
        if (Error error = divide(model.file, tensor, *scale))
          return error;
      model.file.add(std::move(tensor));
    }
    return Error::success();
  }

  Error divide(TensorFile &file, Tensor &tensor, const Tensor &scale) {
    int64_t rows = tensor.shape.front(), count = 1;
    for (int64_t size : tensor.shape)
      count *= size;
    bool each = !scale.shape.empty();
    if (scale.dtype != DType::F32 ||
        (each && scale.shape != std::vector<int64_t>{rows}))
      return fail("{}: tensor '{}' has {} rows, which its scales do not fit",
                  path.str(), tensor.name, rows);
    std::vector<float> values(static_cast<size_t>(count));
    for (int64_t i = 0; i < count; ++i) {
      float by = floatAt(scale, each ? i / (count / rows) : 0);
      if (!(by > 0) || !std::isfinite(by))
        return fail("{}: tensor '{}' is scaled by {}", path.str(), tensor.name,
                    by);
      values[size_t(i)] = float(integerAt(tensor, i) / double(by));
    }
    tensor.dtype = DType::F32;
    tensor.dtypeName = "float";
    tensor.bytes = 4 * count;
    tensor.data = file.keep(std::move(values));
    return Error::success();
  }

  StringRef path;
  Cursor cursor;
  std::vector<Tensor> list;
  StringMap<size_t> places;
};

} // namespace

bool isCTranslate2(StringRef path) {
  auto buffer = mapFile(path);
  if (!buffer)
    return consumeError(buffer.takeError()), false;
  Cursor cursor((*buffer)->getBuffer());
  uint32_t version = cursor.take<uint32_t>();
  std::string spec = cursor.takeText();
  // The second number of a llama2.c file, where the name is, has zeros.
  return !cursor.isShort && version >= 1 && version < 1000 && !spec.empty() &&
         all_of(spec, isAlnum);
}

Expected<CTranslate2Model> readCTranslate2Model(StringRef path) {
  CTranslate2Model model(path);
  Expected<StringRef> bytes = model.file.map(path);
  if (!bytes)
    return bytes.takeError();
  if (Error error = Reader(path, *bytes).read(model))
    return error;
  return model;
}

Expected<TensorFile> readCTranslate2(StringRef path) {
  Expected<CTranslate2Model> model = readCTranslate2Model(path);
  if (!model)
    return model.takeError();
  return std::move(model->file);
}

} // namespace weights
