// Writes what the packer would.
#include "FakeWeights.h"

#include "runtime/checksum.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdlib.h>

std::string fakeFile(void (*change)(tc_weights_header &),
                     const std::string &tokenizer) {
  std::string data(FAKE_WEIGHTS * sizeof(float), 0);
  for (int i = 0; i < FAKE_WEIGHTS; ++i) {
    float value = fakeWeight(i);
    memcpy(&data[i * sizeof value], &value, sizeof value);
  }
  std::string metadata = "{\"weights\": []}";
  tc_weights_header header = {};
  memcpy(header.magic, "TCWEIGHT", 8);
  header.version = TC_WEIGHTS_VERSION;
  header.header_bytes = sizeof header;
  header.layout_hash = fake_language_model.layout_hash;
  header.data_bytes = data.size();
  header.data_checksum = tc_checksum(data.data(), data.size());
  header.metadata_bytes = metadata.size();
  header.tokenizer_bytes = tokenizer.size();
  if (change)
    change(header);
  header.header_checksum = 0;
  header.header_checksum = tc_checksum(&header, sizeof header);
  std::string file(reinterpret_cast<char *>(&header), sizeof header);
  file.resize(TC_WEIGHTS_DATA);
  file += data + metadata;
  if (!tokenizer.empty()) {
    file.resize((file.size() + TC_ALIGN - 1) / TC_ALIGN * TC_ALIGN);
    file += tokenizer;
  }
  return file;
}

void writeFile(const std::string &path, const std::string &contents) {
  std::ofstream(path, std::ios::binary) << contents;
}

std::string readFile(const std::string &path) {
  std::ostringstream contents;
  contents << std::ifstream(path, std::ios::binary).rdbuf();
  return contents.str();
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern =
      (std::filesystem::temp_directory_path() / "runtime-XXXXXX").string();
  path = mkdtemp(pattern.data());
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::permissions(path, std::filesystem::perms::owner_all,
                               ignored);
  std::filesystem::remove_all(path, ignored);
}

std::vector<std::string> TemporaryFolder::files() const {
  std::vector<std::string> names;
  for (auto &entry : std::filesystem::directory_iterator(path))
    names.push_back(entry.path().filename().string());
  return names;
}
