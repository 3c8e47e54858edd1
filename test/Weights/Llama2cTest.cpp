// llama2.c files that are not what their header says.
#include "SafetensorsText.h"
#include "test/Folder.h"

#include "compiler/Weights/TensorFile.h"

#include <gtest/gtest.h>

#include <random>

using namespace weights;

namespace {

std::string messageOf(const std::string &path) {
  llvm::Expected<TensorFile> file = openTensorFile(path);
  return file ? "no error" : toString(file.takeError());
}

/// dim 4, hidden 3, 2 layers, 2 heads, 1 kv head, 5 words, 6 positions.
std::string whole(bool tied) {
  int64_t floats = 5 * 4 + 2 * (4 + 16 + 8 + 8 + 16 + 4 + 3 * 12) + 4 + 6 * 2 +
                   (tied ? 0 : 20);
  return bytesOf<int32_t>({4, 3, 2, 2, 1, tied ? 5 : -5, 6}) +
         bytesOf(counting(floats));
}

TEST(Llama2c, TensorsFollowEachOther) {
  for (bool tied : {true, false}) {
    Folder folder;
    llvm::Expected<TensorFile> file =
        openTensorFile(folder.write("m.bin", whole(tied)));
    ASSERT_TRUE(bool(file)) << toString(file.takeError());
    auto first = [&](const char *name) {
      float value = -1;
      if (const Tensor *tensor = file->find(name))
        memcpy(&value, tensor->data, 4);
      return value;
    };
    EXPECT_EQ(first("tok_embeddings.weight"), 0);
    EXPECT_EQ(first("layers.0.attention_norm.weight"), 20);
    EXPECT_EQ(first("layers.1.attention_norm.weight"), 24);
    EXPECT_EQ(first("layers.0.attention.wq.weight"), 28);
    EXPECT_EQ(first("layers.1.attention.wk.weight"), 28 + 32 + 8);
    EXPECT_EQ(first("layers.0.feed_forward.w2.weight"), 132 + 24);
    EXPECT_EQ(first("norm.weight"), 132 + 72);
    EXPECT_EQ(first("output.weight"), tied ? -1 : 132 + 72 + 4 + 12);
    EXPECT_EQ(file->find("layers.0.attention.wk.weight")->shape,
              (std::vector<int64_t>{2, 4}));
  }
}

TEST(Llama2c, WrongSizes) {
  Folder folder;
  auto message = [&](const std::string &bytes) {
    return messageOf(folder.write("m.bin", bytes));
  };
  std::string file = whole(true);
  EXPECT_NE(message(file.substr(0, file.size() - 1)).find("truncated"),
            std::string::npos);
  EXPECT_NE(message(file.substr(0, 28)).find("truncated"), std::string::npos);
  EXPECT_NE(message(file.substr(0, 27)).find("27 bytes are no llama2.c file"),
            std::string::npos);
  EXPECT_NE(message(file + "1234").find("4 bytes after the last tensor"),
            std::string::npos);
}

TEST(Llama2c, WrongHeaders) {
  Folder folder;
  auto message = [&](std::vector<int32_t> header) {
    return messageOf(
        folder.write("m.bin", bytesOf(header) + std::string(1000, '\0')));
  };
  EXPECT_NE(message({-4, 3, 2, 2, 1, 5, 6}).find("dim is -4"),
            std::string::npos);
  EXPECT_NE(message({4, 3, 0, 2, 1, 5, 6}).find("n_layers is 0"),
            std::string::npos);
  EXPECT_NE(message({4, 3, 2, 3, 1, 5, 6}).find("3 heads of an even size"),
            std::string::npos);
  EXPECT_NE(message({12, 3, 2, 3, 2, 5, 6}).find("3 heads cannot share 2"),
            std::string::npos);
  EXPECT_NE(message({4, 3, 2, 2, 1, INT32_MIN, 6}).find("truncated"),
            std::string::npos);
  int32_t big = INT32_MAX - 1; // every product overflows
  EXPECT_NE(message({big, big, big, 1, 1, big, big}).find("truncated"),
            std::string::npos);
  EXPECT_NE(message({0x616b3432, 2}).find("version 2, only version 0"),
            std::string::npos);
}

TEST(Llama2c, DamagedHeadersNeverCrash) {
  Folder folder;
  std::mt19937 random(2);
  for (int round = 0; round < 2000; ++round) {
    std::string file = whole(random() % 2);
    for (unsigned i = 0; i <= random() % 3; ++i)
      file[random() % 28] = char(random() % 3 ? random() % 8 : random());
    llvm::Expected<TensorFile> read =
        openTensorFile(folder.write("m.bin", file));
    if (!read)
      consumeError(read.takeError());
  }
}

} // namespace
