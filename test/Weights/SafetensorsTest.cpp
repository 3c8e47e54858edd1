// Every way in which a safetensors file or an index of shards can be wrong.
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

TEST(Safetensors, AreReadInPlace) {
  Folder folder;
  std::string data = bytesOf(counting(6)) + bytesOf<uint16_t>({0x3c00, 0xc000});
  std::string path = folder.write("model.safetensors", withHeader(R"({
    "b": {"dtype": "F16", "shape": [2], "data_offsets": [24, 28]},
    "__metadata__": {"format": "pt"},
    "none": {"dtype": "F32", "shape": [3, 0], "data_offsets": [24, 24]},
    "scalar": {"dtype": "BOOL", "shape": [], "data_offsets": [28, 29]},
    "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}   )",
                                                                  data + "\1"));
  llvm::Expected<TensorFile> file = openTensorFile(path);
  ASSERT_TRUE(bool(file)) << toString(file.takeError());
  ASSERT_EQ(file->tensors().size(), 4u);
  const Tensor *a = file->find("a");
  ASSERT_TRUE(a);
  EXPECT_EQ(a->dtype, DType::F32);
  EXPECT_EQ(a->shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(std::string(a->data, a->bytes), bytesOf(counting(6)));
  EXPECT_EQ(file->find("b")->dtype, DType::F16);
  EXPECT_EQ(file->find("scalar")->dtype, DType::Other);
  EXPECT_EQ(file->find("none")->bytes, 0);
  EXPECT_FALSE(file->find("c"));
}

struct Bad {
  const char *header;
  const char *message;
  int64_t dataBytes = 8;
};

void PrintTo(const Bad &bad, std::ostream *os) { *os << bad.header; }

class BadHeader : public testing::TestWithParam<Bad> {};

TEST_P(BadHeader, IsRefused) {
  Folder folder;
  std::string path = folder.write(
      "model.safetensors",
      withHeader(GetParam().header, std::string(GetParam().dataBytes, '\0')));
  std::string message = messageOf(path);
  EXPECT_NE(message.find(GetParam().message), std::string::npos) << message;
  EXPECT_EQ(message.find(path), 0u) << message;
}

#define A(DTYPE, SHAPE, OFFSETS)                                               \
  R"({"a": {"dtype": ")" DTYPE R"(", "shape": )" SHAPE                         \
  R"(, "data_offsets": )" OFFSETS "}}"
#define AB(FIRST, SECOND)                                                      \
  R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": )" FIRST             \
  R"(}, "b": {"dtype": "F32", "shape": [1], "data_offsets": )" SECOND "}}"

INSTANTIATE_TEST_SUITE_P(
    Json, BadHeader,
    testing::Values(Bad{"", "not JSON"}, Bad{"{", "not JSON"},
                    Bad{"[1]", "expected an object"},
                    Bad{"\xff\xfe", "not JSON"},
                    Bad{R"({"a": 1})", "tensor 'a': expected an object"},
                    Bad{R"({"a": {}})", "tensor 'a': no string 'dtype'"},
                    Bad{R"({"a": {"dtype": 1}})", "no string 'dtype'"},
                    Bad{R"({"a": {"dtype": "F32"}})", "no array 'shape'"},
                    Bad{R"({"a": {"dtype": "F32", "shape": 1}})",
                        "no array 'shape'"},
                    Bad{R"({"a": {"dtype": "F32", "shape": []}})",
                        "expected two 'data_offsets'"},
                    Bad{R"({"a": {"type": "F32"}})", "unknown key 'type'"}));

INSTANTIATE_TEST_SUITE_P(
    Tensors, BadHeader,
    testing::Values(
        Bad{A("F33", "[2]", "[0, 8]"), "tensor 'a': unknown dtype 'F33'"},
        Bad{A("F32", "[-2]", "[0, 8]"), "shape: expected sizes"},
        Bad{A("F32", "[2.5]", "[0, 8]"), "shape: expected sizes"},
        Bad{A("F32", "[\"2\"]", "[0, 8]"), "shape: expected sizes"},
        Bad{A("F32", "[4294967296, 4294967296]", "[0, 8]"), "overflows"},
        Bad{A("F32", "[18446744073709551615]", "[0, 8]"), "expected sizes"},
        Bad{A("F32", "[4611686018427387905]", "[0, 4]"), "overflows"},
        Bad{A("F32", "[3]", "[0, 8]"), "takes 12 bytes, data_offsets hold 8"},
        Bad{A("F32", "[2]", "[8, 0]"), "expected two ascending"},
        Bad{A("F32", "[2]", "[-8, 0]"), "expected two ascending"},
        Bad{A("F32", "[2]", "[0]"), "expected two 'data_offsets'"},
        Bad{A("F32", "[2]", "[0, 8, 9]"), "expected two 'data_offsets'"},
        Bad{A("F32", "[2]", "[4, 12]"), "ends at byte 12"},
        Bad{A("F32", "[1]", "[18446744073709551612, 18446744073709551615]"),
            "ends at byte"},
        Bad{A("F32", "[1]", "[4, 8]"), "begins at byte 4"},
        Bad{A("F32", "[1]", "[0, 4]"), "the tensors end at byte 4 of 8"},
        Bad{AB("[0, 4]", "[0, 4]"), "tensor 'b' begins at byte 0"},
        Bad{AB("[0, 4]", "[2, 6]"), "tensor 'b' begins at byte 2"},
        Bad{AB("[0, 4]", "[8, 12]"), "tensor 'b' begins at byte 8", 12},
        Bad{R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
                "a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}})",
            "key 'a' occurs twice"},
        Bad{R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
             "\u0061": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}})",
            "key 'a' occurs twice"}));

TEST(Safetensors, BadLengths) {
  Folder folder;
  auto message = [&](const std::string &bytes) {
    return messageOf(folder.write("x.safetensors", bytes));
  };
  EXPECT_NE(message("").find("0 bytes are no safetensors"), std::string::npos);
  EXPECT_NE(message("1234567").find("7 bytes are no"), std::string::npos);
  EXPECT_NE(message(std::string("\x10\0\0\0\0\0\0\0{}", 10))
                .find("header of 16 bytes in a file of 10"),
            std::string::npos);
  EXPECT_NE(message(std::string(64, '\xff')).find("the format allows"),
            std::string::npos);
  EXPECT_NE(
      message(withHeader(std::string(1000000, '['), "")).find("nested deeper"),
      std::string::npos);
  std::string many = "[0";
  for (int i = 0; i < 5000000; ++i)
    many += ",0";
  EXPECT_NE(message(withHeader(many + "]", "")).find("more than 4194304"),
            std::string::npos);
}

TEST(Safetensors, FilesThatAreNone) {
  Folder folder;
  std::filesystem::create_directory(folder.path("d.safetensors"));
  EXPECT_NE(messageOf(folder.path("d.safetensors")).find("not a regular file"),
            std::string::npos);
  EXPECT_NE(messageOf(folder.path("no.safetensors")).find("No such file"),
            std::string::npos);
  EXPECT_NE(messageOf("/dev/zero").find("expected a name ending in"),
            std::string::npos);
  std::filesystem::create_symlink("/dev/zero", folder.path("z.safetensors"));
  EXPECT_NE(messageOf(folder.path("z.safetensors")).find("not a regular file"),
            std::string::npos);
}

TEST(Safetensors, DamagedBytesNeverCrash) {
  Folder folder;
  const std::string whole = SafetensorsText()
                                .add("a", {2, 3}, counting(6))
                                .add("layers.0.b", {5}, counting(5))
                                .text();
  std::mt19937 random(1);
  for (int round = 0; round < 3000; ++round) {
    std::string file = whole;
    for (unsigned i = 0; i <= random() % 4; ++i)
      file[random() % file.size()] = char(random());
    if (round % 3 == 0)
      file.resize(random() % file.size());
    llvm::Expected<TensorFile> read =
        openTensorFile(folder.write("x.safetensors", file));
    if (!read) {
      consumeError(read.takeError());
      continue;
    }
    int64_t sum = 0; // everything that is claimed can be read
    for (const Tensor &tensor : read->tensors())
      for (int64_t i = 0; i < tensor.bytes; ++i)
        sum += tensor.data[i];
    EXPECT_LE(read->tensors().size(), 2u) << sum;
  }
}

class Shards : public testing::Test {
protected:
  Shards() {
    folder.write("one.safetensors", SafetensorsText()
                                        .add("a", {2}, counting(2))
                                        .add("b", {3}, counting(3))
                                        .text());
    folder.write("two.safetensors",
                 SafetensorsText().add("c", {1}, counting(1)).text());
  }
  std::string index(const std::string &map) {
    return folder.write("model.safetensors.index.json",
                        R"({"metadata": {}, "weight_map": )" + map + "}");
  }
  Folder folder;
};

TEST_F(Shards, AreOneFile) {
  llvm::Expected<TensorFile> file =
      openTensorFile(index(R"({"a": "one.safetensors", "c": "two.safetensors",
                "b": "one.safetensors"})"));
  ASSERT_TRUE(bool(file)) << toString(file.takeError());
  EXPECT_EQ(file->tensors().size(), 3u);
  EXPECT_TRUE(file->find("a") && file->find("b") && file->find("c"));
}

TEST_F(Shards, AreMissing) {
  std::string message = messageOf(index(R"({"a": "three.safetensors"})"));
  EXPECT_NE(message.find("three.safetensors: No such file"), std::string::npos)
      << message;
  EXPECT_NE(message.find("index.json: names three.safetensors"),
            std::string::npos)
      << message;
}

TEST_F(Shards, LackATensor) {
  std::string message =
      messageOf(index(R"({"a": "one.safetensors", "b": "two.safetensors"})"));
  EXPECT_NE(message.find("tensor 'b' is not in "), std::string::npos)
      << message;
}

TEST_F(Shards, OutsideTheFolderAreNotOpened) {
  for (const char *name :
       {"../one.safetensors", "/etc/passwd", "", "x.bin", "a/b.safetensors"}) {
    std::string message =
        messageOf(index(R"({"a": ")" + std::string(name) + R"("})"));
    EXPECT_NE(message.find("in the same folder"), std::string::npos) << message;
  }
}

TEST_F(Shards, NoMap) {
  EXPECT_NE(messageOf(index("3")).find("no object 'weight_map'"),
            std::string::npos);
  EXPECT_NE(messageOf(folder.write("x.index.json", "{")).find("not JSON"),
            std::string::npos);
  EXPECT_NE(messageOf(index(R"({"a": 3})")).find("expected the name"),
            std::string::npos);
}

} // namespace
