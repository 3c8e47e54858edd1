// Safetensors files as a test writes them, right or wrong.
#ifndef TEST_WEIGHTS_SAFETENSORSTEXT_H
#define TEST_WEIGHTS_SAFETENSORSTEXT_H

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

inline std::string withHeader(const std::string &header,
                              const std::string &data) {
  uint64_t bytes = header.size();
  std::string file(8, '\0');
  std::memcpy(file.data(), &bytes, 8);
  return file + header + data;
}

template <typename T> std::string bytesOf(const std::vector<T> &values) {
  return {reinterpret_cast<const char *>(values.data()),
          values.size() * sizeof(T)};
}

/// `count` floats: first, first + 1, ...
inline std::vector<float> counting(int64_t count, float first = 0) {
  std::vector<float> values(count);
  for (int64_t i = 0; i < count; ++i)
    values[i] = first + float(i);
  return values;
}

/// A file of F32 tensors, one after the other.
class SafetensorsText {
public:
  SafetensorsText &add(const std::string &name, std::vector<int64_t> shape,
                       const std::vector<float> &values) {
    std::string dims;
    for (int64_t dim : shape)
      dims += (dims.empty() ? "" : ",") + std::to_string(dim);
    std::string end = std::to_string(data.size() + 4 * values.size());
    header += (header.empty() ? "" : ",") + ("\"" + name) +
              R"(":{"dtype":"F32","shape":[)" + dims + R"(],"data_offsets":[)" +
              std::to_string(data.size()) + "," + end + "]}";
    data += bytesOf(values);
    return *this;
  }
  std::string text() const { return withHeader("{" + header + "}", data); }

private:
  std::string header, data;
};

#endif // TEST_WEIGHTS_SAFETENSORSTEXT_H
