// Groups, long out of use, count as broken.
#include "compiler/Text/WireReader.h"

namespace text {

std::optional<uint64_t> WireReader::varint() {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !rest.empty(); shift += 7) {
    uint8_t byte = rest.front();
    rest = rest.drop_front();
    value |= uint64_t(byte & 0x7F) << shift;
    if (!(byte & 0x80))
      return value;
  }
  return std::nullopt;
}

std::optional<uint64_t> WireReader::fixed(size_t bytes) {
  if (rest.size() < bytes)
    return std::nullopt;
  uint64_t value = 0;
  for (size_t i = 0; i < bytes; ++i)
    value |= uint64_t(uint8_t(rest[i])) << 8 * i;
  rest = rest.drop_front(bytes);
  return value;
}

std::optional<WireField> WireReader::next() {
  if (rest.empty() || broken)
    return std::nullopt;
  broken = true; // until all of the field is read
  std::optional<uint64_t> key = varint(), value;
  if (!key)
    return std::nullopt;
  WireField field;
  field.number = *key >> 3;
  switch (*key & 7) {
  case 0:
  case 2:
    value = varint();
    break;
  case 1:
    value = fixed(8);
    break;
  case 5:
    value = fixed(4);
    break;
  }
  if (!value)
    return std::nullopt;
  field.value = *value;
  if ((*key & 7) == 2) {
    if (*value > rest.size())
      return std::nullopt;
    field.bytes = rest.take_front(*value);
    rest = rest.drop_front(*value);
  }
  broken = false;
  return field;
}

} // namespace text
