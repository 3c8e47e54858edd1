// A tokenizer from file to ids and back, as the tests use it.
#ifndef TEST_TEXT_TEXTTEST_H
#define TEST_TEXT_TEXTTEST_H

#include "compiler/Text/Convert.h"
#include "runtime/text/text.h"
#include "gtest/gtest.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

namespace text_test {

using Ids = std::vector<int32_t>;

class Opened {
public:
  explicit Opened(const std::string &blob) : memory(blob.size() / 4 + 1) {
    std::memcpy(memory.data(), blob.data(), blob.size());
    status = tc_tokenizer_open(memory.data(), blob.size(), &tokenizer);
  }
  ~Opened() { tc_tokenizer_close(tokenizer); }
  Opened(const Opened &) = delete;

  Ids encode(const std::string &text, bool withBos = false) const {
    ptrdiff_t count =
        tc_encode(tokenizer, text.data(), text.size(), withBos, nullptr, 0);
    EXPECT_GE(count, 0);
    Ids ids(count < 0 ? 0 : count);
    EXPECT_EQ(count, tc_encode(tokenizer, text.data(), text.size(), withBos,
                               ids.data(), ids.size()));
    return ids;
  }

  std::string decode(const Ids &ids) const {
    std::string text;
    int32_t previous = -1;
    for (int32_t id : ids) {
      std::string piece(tc_decode_piece(tokenizer, previous, id, nullptr, 0),
                        '\0');
      tc_decode_piece(tokenizer, previous, id, piece.data(), piece.size());
      text += piece;
      previous = id;
    }
    return text;
  }

  tc_tokenizer *tokenizer = nullptr;
  int status = 0;

private:
  std::vector<uint32_t> memory;
};

/// Null, with a failure, if the blob cannot be made or opened.
inline std::unique_ptr<Opened> openBlob(llvm::Expected<std::string> blob) {
  if (!blob) {
    ADD_FAILURE() << llvm::toString(blob.takeError());
    return nullptr;
  }
  auto opened = std::make_unique<Opened>(*blob);
  EXPECT_EQ(opened->status, TC_TEXT_OK) << tc_text_error(opened->status);
  return opened->status ? nullptr : std::move(opened);
}

inline std::unique_ptr<Opened> openFile(const std::string &path) {
  return openBlob(text::convertTokenizer(path));
}

/// A directory of its own for each test, empty at first, gone afterwards.
class Directory {
public:
  Directory() {
    const testing::TestInfo *test =
        testing::UnitTest::GetInstance()->current_test_info();
    std::string name =
        std::string(test->test_suite_name()) + "." + test->name();
    std::replace(name.begin(), name.end(), '/', '.');
    path = std::filesystem::path(testing::TempDir()) /
           (name + "." + std::to_string(getpid()));
    std::filesystem::remove_all(path);
    std::filesystem::create_directory(path);
  }
  ~Directory() { std::filesystem::remove_all(path); }

  std::string at(const std::string &name) const { return path / name; }
  std::string write(const std::string &name, const std::string &content) const {
    std::ofstream(path / name, std::ios::binary) << content;
    return at(name);
  }

  std::filesystem::path path;
};

/// The blob of a tokenizer file with that content.
inline llvm::Expected<std::string> convertText(const std::string &content) {
  Directory directory;
  return text::convertTokenizer(directory.write("tokenizer", content));
}

inline std::string shared(const std::string &name) {
  return std::string(TC_SHARED_DIR) + "/models/" + name;
}

inline bool isThere(const std::string &path) {
  return std::ifstream(path).good();
}

inline std::string readFile(const std::string &path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace text_test

/// Opens a file of the shared models as `tok`, or skips the test without it.
#define OPEN_SHARED(name)                                                      \
  if (!text_test::isThere(text_test::shared(name)))                            \
    GTEST_SKIP() << text_test::shared(name) << " is absent";                   \
  auto tok = text_test::openFile(text_test::shared(name));                     \
  ASSERT_TRUE(tok)

#endif // TEST_TEXT_TEXTTEST_H
