// GGUF files: what is read, what is refused, and that nothing crashes.
#include "GgufText.h"
#include "SafetensorsText.h"
#include "test/Folder.h"

#include "compiler/Spec/WeightNames.h"
#include "compiler/Weights/Blocks.h"
#include "compiler/Weights/Cut.h"
#include "compiler/Weights/Gguf.h"

#include <gtest/gtest.h>

#include <random>

using namespace weights;

namespace {

std::string messageOf(const std::string &bytes) {
  llvm::Expected<Gguf> gguf = parseGguf("m.gguf", bytes);
  return gguf ? "no error" : toString(gguf.takeError());
}

TEST(Gguf, MetadataIsRead) {
  std::string list =
      raw<uint32_t>(8) + raw<uint64_t>(2) + ggufString("one") + ggufString("");
  std::string bytes = GgufText()
                          .number("count", 7)
                          .text("name", "llama")
                          .key("eps", 6, raw(0.5f))
                          .key("yes", 7, "\1")
                          .key("below", 5, raw<int32_t>(-3))
                          .key("huge", 10, raw<uint64_t>(~0ull))
                          .key("words", 9, list)
                          .bytes();
  llvm::Expected<Gguf> gguf = parseGguf("m.gguf", bytes);
  ASSERT_TRUE(bool(gguf)) << toString(gguf.takeError());
  EXPECT_EQ(gguf->find("count")->integer(), 7);
  EXPECT_EQ(gguf->find("count")->number(), 7.0);
  EXPECT_EQ(gguf->find("name")->string(), "llama");
  EXPECT_FALSE(gguf->find("name")->integer());
  EXPECT_EQ(gguf->find("eps")->number(), 0.5);
  EXPECT_EQ(gguf->find("yes")->flag(), true);
  EXPECT_EQ(gguf->find("below")->integer(), -3);
  EXPECT_FALSE(gguf->find("huge")->integer());
  EXPECT_EQ(gguf->find("words")->strings()->size(), 2u);
  EXPECT_EQ(gguf->find("words")->strings()->front(), "one");
  EXPECT_FALSE(gguf->find("words")->integers());
  EXPECT_FALSE(gguf->find("absent"));
}

/// Tensors are row-major the other way round.
TEST(Gguf, TensorsAreRead) {
  Folder folder;
  std::string path = folder.write(
      "m.gguf",
      GgufText()
          .tensor("a", {3, 2}, 0, bytesOf(counting(6)))
          .tensor("b", {32}, 8, raw<uint16_t>(0x3c00) + std::string(32, '\xff'))
          .bytes());
  llvm::Expected<TensorFile> file = openTensorFile(path);
  ASSERT_TRUE(bool(file)) << toString(file.takeError());
  EXPECT_EQ(file->find("a")->shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(file->find("b")->dtype, DType::Blocks);
  EXPECT_EQ(file->find("b")->bytes, 34);
  EXPECT_EQ(file->find("c"), nullptr);
}

struct Bad {
  const char *name;
  std::string bytes;
  const char *message;
};

std::vector<Bad> badFiles() {
  auto described = [](std::vector<uint64_t> shape, uint32_t type,
                      uint64_t offset) {
    return GgufText().describe("t", shape, type, offset, "12345678").bytes();
  };
  auto header = [](uint32_t version, uint64_t tensors, uint64_t keys) {
    return "GGUF" + raw(version) + raw(tensors) + raw(keys) +
           std::string(64, '\0');
  };
  auto array = [](uint32_t type, uint64_t count) {
    return GgufText().key("a", 9, raw(type) + raw(count)).bytes();
  };
  return {
      {"empty", "", "not a GGUF file"},
      {"magic", "GGML" + std::string(40, '\0'), "not a GGUF file"},
      {"version", header(1, 0, 0), "GGUF version 1, expected 2 or 3"},
      {"bigEndian", header(0x03000000, 0, 0), "big-endian"},
      {"header", "GGUF" + raw<uint32_t>(3), "truncated in the header"},
      {"keys", header(3, 0, 1ull << 60), "keys in a file of"},
      {"tensors", header(3, 1ull << 60, 0), "tensors in a file of"},
      {"keyLength", header(3, 0, 1).replace(24, 8, raw(~0ull)),
       "key 0 is a string of 18446744073709551615 bytes"},
      {"type", GgufText().key("k", 13, "").bytes(), "'k' has unknown type 13"},
      {"text", GgufText().key("k", 8, raw<uint64_t>(1000)).bytes(),
       "'k' is a string of 1000 bytes"},
      {"array", array(4, 1ull << 62), "'a' has 4611686018427387904 elements"},
      {"strings", array(8, 1ull << 62), "'a' has 4611686018427387904 elements"},
      {"nested", array(9, 1), "'a' is an array of arrays"},
      {"twice", GgufText().number("k", 1).number("k", 1).bytes(),
       "key 'k' occurs twice"},
      {"alignment0", GgufText().number("general.alignment", 0).bytes(),
       "general.alignment: expected a power of two"},
      {"alignment24", GgufText().number("general.alignment", 24).bytes(),
       "general.alignment: expected a power of two"},
      {"noDims", described({}, 0, 0), "'t' has 0 dimensions"},
      {"manyDims", described({1, 1, 1, 1, 1}, 0, 0), "has 5 dimensions"},
      {"zero", described({2, 0}, 0, 0), "'t' has a dimension of 0"},
      {"negative", described({~0ull}, 0, 0), "'t' has a dimension of"},
      {"unknown", described({2}, 77, 0), "'t' has unknown type 77"},
      {"removed", described({2}, 4, 0), "'t' has unknown type 4"},
      {"partial", described({33}, 8, 0), "no whole blocks of 32 (Q8_0)"},
      {"overflow", described({1ull << 40, 1ull << 40}, 0, 0), "overflows"},
      {"large", described({1ull << 40}, 0, 0), "takes 4398046511104 bytes"},
      {"outside", described({2}, 0, 64), "takes 8 bytes at byte 64"},
      {"unaligned", described({1}, 0, 4), "no multiple of 32"},
      {"overlap",
       GgufText()
           .describe("t", {2}, 0, 0, "12345678")
           .describe("u", {1}, 0, 0)
           .bytes(),
       "tensors 't' and 'u' overlap"},
  };
}

TEST(Gguf, BadFilesAreRefused) {
  for (const Bad &bad : badFiles()) {
    std::string message = messageOf(bad.bytes);
    EXPECT_NE(message.find(bad.message), std::string::npos)
        << bad.name << ": " << message;
    EXPECT_EQ(message.find("m.gguf: "), 0u) << bad.name << ": " << message;
  }
}

TEST(Gguf, TensorTwice) {
  Folder folder;
  std::string path = folder.write("m.gguf", GgufText()
                                                .tensor("a", {1}, 0, "1234")
                                                .tensor("a", {1}, 0, "1234")
                                                .bytes());
  llvm::Expected<TensorFile> file = openTensorFile(path);
  ASSERT_FALSE(bool(file));
  EXPECT_NE(toString(file.takeError()).find("'a' occurs twice"),
            std::string::npos);
}

/// Cut anywhere, or with some bytes changed: an error or a file, no crash.
TEST(Gguf, DamagedFilesNeverCrash) {
  std::string list = raw<uint32_t>(8) + raw<uint64_t>(2) + ggufString("one") +
                     ggufString("two");
  std::string whole = GgufText()
                          .text("general.architecture", "llama")
                          .number("general.alignment", 32)
                          .key("words", 9, list)
                          .tensor("a", {32, 2}, 8, std::string(68, 'x'))
                          .tensor("b", {3}, 0, std::string(12, 'y'))
                          .bytes();
  EXPECT_EQ(messageOf(whole), "no error");
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_NE(messageOf(whole.substr(0, size)), "no error") << size;
  std::mt19937 random(1);
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = whole;
    for (unsigned i = 0; i <= random() % 4; ++i)
      bytes[random() % bytes.size()] ^= char(1u << random() % 8);
    llvm::Expected<Gguf> gguf = parseGguf("m.gguf", bytes);
    if (!gguf) {
      consumeError(gguf.takeError());
      continue;
    }
    for (const auto &[key, value] : gguf->metadata) {
      value.strings();
      value.numbers();
    }
    for (const Tensor &tensor : gguf->tensors) {
      int64_t sum = 0;
      for (int64_t i = 0; i < tensor.bytes; ++i)
        sum += tensor.data[i];
      EXPECT_LE(sum, INT64_MAX);
    }
  }
}

/// A fraction of each format's block decodes as in the whole.
TEST(Blocks, DecodeInPieces) {
  std::mt19937 random(2);
  for (const char *name : {"Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K",
                           "Q3_K", "Q4_K", "Q5_K", "Q6_K"}) {
    const BlockFormat *format = findBlockFormat(name);
    ASSERT_TRUE(format) << name;
    std::string data(3 * format->bytes, '\0');
    for (char &byte : data)
      byte = char(random() & 0x3f); // no infinite scale
    std::vector<float> whole(3 * format->values);
    decodeBlocks(*format, data.data(), 0, whole.size(), whole.data());
    for (auto [begin, count] :
         {std::pair<int64_t, int64_t>{5, 20}, {31, 40}, {70, 1}}) {
      if (begin + count > int64_t(whole.size()))
        continue;
      std::vector<float> some(count);
      decodeBlocks(*format, data.data(), begin, count, some.data());
      for (int64_t i = 0; i < count; ++i)
        EXPECT_EQ(some[i], whole[begin + i]) << name << ' ' << begin + i;
    }
  }
  EXPECT_EQ(findBlockFormat("IQ4_XS"), nullptr);
}

/// Sliced, transposed and reshaped as any other tensor.
TEST(Blocks, AreCutAsOtherTensors) {
  std::string data;
  auto value = [](int64_t row, int64_t i) {
    return float(row * 16 + i - 64) * 0.5f;
  };
  for (int row = 0; row < 6; ++row) {
    data += raw<uint16_t>(0x3800); // 0.5
    for (int i = 0; i < 32; ++i)
      data += char(row * 16 + i - 64);
  }
  Tensor tensor;
  tensor.dtype = DType::Blocks;
  tensor.blocks = findBlockFormat("Q8_0");
  tensor.shape = {6, 32};
  tensor.data = data.data();
  tensor.bytes = int64_t(data.size());
  auto read = [&](const char *text, int64_t rows, int64_t cols) {
    spec::WeightSource source;
    std::string fault;
    EXPECT_TRUE(spec::readWeightSource(text, source, fault)) << fault;
    llvm::Expected<Cut> cut = cutTensor(tensor, source);
    EXPECT_TRUE(bool(cut));
    std::vector<float> values(rows * cols);
    makeReader(*cut, rows, cols)->read(0, rows, {values.data(), cols, 1});
    return values;
  };
  std::vector<float> rows = read("t[2:4, :]", 2, 32);
  std::vector<float> turned = read("t[3:, 3:9].T", 6, 3);
  std::vector<float> groups = read("t.reshape(2, 3, 32)[:, 1:3, :]", 4, 32);
  std::vector<float> turns = read("t.reshape(2, 3, 32)[:, 1:, :].mT", 64, 2);
  std::vector<float> unit = read("t[2:4, :].unit()", 2, 32);
  for (int i = 0; i < 32; ++i) {
    EXPECT_EQ(rows[32 + i], value(3, i));
    double squares = 0;
    for (int k = 0; k < 32; ++k)
      squares += double(value(3, k)) * value(3, k);
    EXPECT_FLOAT_EQ(unit[32 + i], float(value(3, i) / std::sqrt(squares)));
    for (int row = 0; row < 4; ++row)
      EXPECT_EQ(turns[(row / 2 * 32 + i) * 2 + row % 2],
                value(row / 2 * 3 + 1 + row % 2, i));
    for (int row = 0; row < 4; ++row)
      EXPECT_EQ(groups[row * 32 + i], value(row / 2 * 3 + 1 + row % 2, i));
  }
  for (int r = 0; r < 6; ++r)
    for (int c = 0; c < 3; ++c)
      EXPECT_EQ(turned[r * 3 + c], value(3 + c, 3 + r));
}

} // namespace
