// The weights file of the fake models, byte by byte.
#ifndef TEST_RUNTIME_FAKEWEIGHTS_H
#define TEST_RUNTIME_FAKEWEIGHTS_H

#include "FakeModel.h"

#include <string>
#include <vector>

/// weights[i] of every fake model.
inline float fakeWeight(int i) { return (float)((i * 37) % 101) / 8 - 6; }

/// A file with checksums that hold; `change` alters the header before.
std::string fakeFile(void (*change)(tc_weights_header &) = nullptr,
                     const std::string &tokenizer = "");

void writeFile(const std::string &path, const std::string &contents);
std::string readFile(const std::string &path);

/// A fresh folder, removed at the end.
class TemporaryFolder {
public:
  TemporaryFolder();
  ~TemporaryFolder();
  std::string operator/(const std::string &name) const {
    return path + "/" + name;
  }
  std::vector<std::string> files() const;
  std::string path;
};

#endif // TEST_RUNTIME_FAKEWEIGHTS_H
