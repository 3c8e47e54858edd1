// A folder of files that a test writes, gone with the test.
#ifndef TEST_FOLDER_H
#define TEST_FOLDER_H

#include <filesystem>
#include <fstream>
#include <string>

class Folder {
public:
  Folder() {
    std::string name = std::filesystem::temp_directory_path() / "tcXXXXXX";
    folder = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(folder); }
  Folder(const Folder &) = delete;

  std::string path(const std::string &name = "") const {
    return name.empty() ? folder.string() : (folder / name).string();
  }
  std::string write(const std::string &name, const std::string &bytes) const {
    std::filesystem::remove(path(name)); // truncating would wait for the disk
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }

private:
  std::filesystem::path folder;
};

inline std::string readFile(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Where third-party models lie; not in every checkout.
inline std::string sharedModels(const std::string &name) {
  return std::string(TC_SHARED_DIR) + "/models/" + name;
}

#endif // TEST_FOLDER_H
