// GGUF files as a test writes them, right or wrong.
#ifndef TEST_WEIGHTS_GGUFTEXT_H
#define TEST_WEIGHTS_GGUFTEXT_H

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

/// The little-endian bytes of a number.
template <typename T> std::string raw(T value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

inline std::string ggufString(const std::string &text) {
  return raw<uint64_t>(text.size()) + text;
}

class GgufText {
public:
  GgufText &key(const std::string &name, uint32_t type,
                const std::string &value) {
    metadata += ggufString(name) + raw(type) + value;
    ++keys;
    return *this;
  }
  GgufText &number(const std::string &name, uint32_t value) {
    return key(name, 4, raw(value));
  }
  GgufText &text(const std::string &name, const std::string &value) {
    return key(name, 8, ggufString(value));
  }
  /// `shape` as GGUF has it, the fastest dimension first.
  GgufText &tensor(const std::string &name, std::vector<uint64_t> shape,
                   uint32_t type, const std::string &bytes) {
    data.resize((data.size() + 31) / 32 * 32);
    return describe(name, shape, type, data.size(), bytes);
  }
  GgufText &describe(const std::string &name, std::vector<uint64_t> shape,
                     uint32_t type, uint64_t offset,
                     const std::string &bytes = "") {
    descriptions += ggufString(name) + raw<uint32_t>(shape.size());
    for (uint64_t size : shape)
      descriptions += raw(size);
    descriptions += raw(type) + raw(offset);
    data += bytes;
    ++tensors;
    return *this;
  }
  std::string bytes() const {
    std::string file = "GGUF" + raw<uint32_t>(3) + raw(tensors) + raw(keys) +
                       metadata + descriptions;
    file.resize((file.size() + 31) / 32 * 32);
    return file + data;
  }

private:
  uint64_t keys = 0, tensors = 0;
  std::string metadata, descriptions, data;
};

#endif // TEST_WEIGHTS_GGUFTEXT_H
