// The file that is written, byte by byte.
#include "test/Folder.h"

#include "compiler/Weights/Packer.h"
#include "compiler/Weights/WeightsFile.h"
#include "runtime/abi.h"
#include "runtime/checksum.h"

#include "llvm/Support/JSON.h"

#include <gtest/gtest.h>

#include <cstring>

using namespace weights;

namespace {

/// Value (r, c) of "w.<n>" is 1000 n + 10 r + c; other names don't exist.
class Numbers : public TensorSource {
public:
  llvm::Expected<std::unique_ptr<RowReader>> get(llvm::StringRef name, int64_t,
                                                 int64_t) const override {
    int number;
    if (!name.consume_front("w.") || name.getAsInteger(10, number))
      return llvm::createStringError("no " + name);
    return std::make_unique<Reader>(number);
  }

private:
  struct Reader : RowReader {
    explicit Reader(int number) : number(number) {}
    void read(int64_t begin, int64_t count, const Block &block) const override {
      for (int64_t r = 0; r < count; ++r)
        for (int64_t c = 0; c < 3; ++c)
          block.data[r * block.rowStride + c * block.colStride] =
              float(1000 * number + 10 * (begin + r) + c);
    }
    int number;
  };
};

PackedWeight weight(const std::string &name, int64_t offset) {
  Part part;
  part.name = name;
  part.rows = 2;
  part.cols = 3;
  PackedWeight result;
  result.name = name;
  result.parts = {part};
  result.width = 4;
  result.bytes = 64;
  result.offset = offset;
  return result;
}

/// Copies of the first lie between those of the second, the last one is
/// earlier in the file than both; gaps everywhere.
Layout someLayout() {
  PackedWeight a = weight("w.{i}", 128), b = weight("w.1{j}{i}", 192),
               c = weight("w.7", 0);
  a.repeats = {3};
  a.strides = {256};
  b.repeats = {2, 2};
  b.strides = {256, 1024};
  Layout layout;
  layout.weights = {a, b, c};
  layout.bytes = 1600;
  return layout;
}

float valueAt(const std::string &file, int64_t offset) {
  float value;
  std::memcpy(&value, file.data() + 4096 + offset, 4);
  return value;
}

std::string write(const std::string &path, const Layout &layout,
                  llvm::StringRef tokenizer = "") {
  return toString(writeWeightsFile(path, layout, Numbers(), tokenizer,
                                   {{"model", "some \"name\""}}, nullptr));
}

TEST(WeightsFile, HoldsEveryCopyAndZerosBetween) {
  Folder folder;
  std::string path = folder.path("m.weights");
  ASSERT_EQ(write(path, someLayout()), "");
  std::string file = readFile(path);
  std::vector<float> expected(400, 0.0f);
  auto put = [&](int64_t offset, int number) {
    for (int r = 0; r < 2; ++r)
      for (int c = 0; c < 3; ++c)
        expected[offset / 4 + 4 * r + c] = float(1000 * number + 10 * r + c);
  };
  put(0, 7);
  for (int i = 0; i < 3; ++i)
    put(128 + 256 * i, i);
  for (int j = 0; j < 2; ++j)
    for (int i = 0; i < 2; ++i)
      put(192 + 256 * i + 1024 * j, 100 + 10 * j + i);
  for (int64_t k = 0; k < 400; ++k)
    ASSERT_EQ(valueAt(file, 4 * k), expected[k]) << k;
}

TEST(WeightsFile, HeaderMetadataAndTokenizer) {
  Folder folder;
  std::string path = folder.path("m.weights");
  Layout layout = someLayout();
  ASSERT_EQ(write(path, layout, "tokens!"), "");
  std::string file = readFile(path);
  tc_weights_header header;
  std::memcpy(&header, file.data(), sizeof header);
  EXPECT_EQ(std::string(header.magic, 8), "TCWEIGHT");
  EXPECT_EQ(header.version, 1u);
  EXPECT_EQ(header.header_bytes, sizeof header);
  EXPECT_EQ(header.layout_hash, layout.hash());
  EXPECT_EQ(header.data_bytes, 1600u);
  EXPECT_EQ(header.data_checksum, tc_checksum(file.data() + 4096, 1600));
  EXPECT_EQ(header.tokenizer_bytes, 7u);
  uint64_t checksum = header.header_checksum;
  header.header_checksum = 0;
  EXPECT_EQ(checksum, tc_checksum(&header, sizeof header));
  for (size_t i = sizeof header; i < 4096; ++i)
    ASSERT_EQ(file[i], '\0');

  size_t end = 4096 + 1600 + header.metadata_bytes;
  size_t tokenizer = (end + 63) / 64 * 64;
  EXPECT_EQ(file.substr(tokenizer), "tokens!");
  llvm::Expected<llvm::json::Value> json =
      llvm::json::parse(file.substr(4096 + 1600, header.metadata_bytes));
  ASSERT_TRUE(bool(json)) << toString(json.takeError());
  const llvm::json::Object &object = *json->getAsObject();
  EXPECT_EQ(object.getString("model"), "some \"name\"");
  const llvm::json::Object &second =
      *(*object.getArray("weights"))[1].getAsObject();
  EXPECT_EQ(second.getInteger("offset"), 192);
  EXPECT_EQ(second.getString("format"), "f32");
  EXPECT_EQ((*second.getArray("strides"))[1].getAsInteger(), 1024);
}

TEST(WeightsFile, SameBytesEveryTime) {
  Folder folder;
  ASSERT_EQ(write(folder.path("a"), someLayout(), "t"), "");
  ASSERT_EQ(write(folder.path("b"), someLayout(), "t"), "");
  EXPECT_TRUE(readFile(folder.path("a")) == readFile(folder.path("b")));
}

TEST(WeightsFile, LargerThanTheBuffer) {
  Folder folder;
  PackedWeight large = weight("w.3", 0);
  large.parts[0].rows = 2000000;
  large.bytes = 2000000 * 16;
  Layout layout;
  layout.weights = {large};
  layout.bytes = large.bytes + 64;
  uint64_t last = 0, total = 0;
  ASSERT_EQ(
      toString(writeWeightsFile(folder.path("m"), layout, Numbers(), "", {},
                                [&](uint64_t done, uint64_t all) {
                                  EXPECT_GE(done, last);
                                  last = done;
                                  total = all;
                                })),
      "");
  EXPECT_EQ(last, uint64_t(layout.bytes));
  EXPECT_EQ(total, uint64_t(layout.bytes));
  std::string file = readFile(folder.path("m"));
  tc_weights_header header;
  std::memcpy(&header, file.data(), sizeof header);
  EXPECT_EQ(header.data_checksum,
            tc_checksum(file.data() + 4096, layout.bytes));
  for (int64_t r = 0; r < 2000000; r += 997)
    ASSERT_EQ(valueAt(file, 16 * r + 8), float(3000 + 10 * r + 2));
}

/// One that is larger than what a core writes at a time, behind as many zeros.
TEST(WeightsFile, LongRowsAndGaps) {
  Folder folder;
  PackedWeight wide = weight("w.2", 0), far = weight("w.5", 32 << 20);
  wide.width = 2 << 20;
  wide.bytes = 2 * 4 * wide.width;
  Layout layout;
  layout.weights = {far, wide};
  layout.bytes = far.offset + far.bytes;
  ASSERT_EQ(write(folder.path("m"), layout), "");
  std::string file = readFile(folder.path("m"));
  std::vector<float> expected(size_t(layout.bytes / 4), 0.0f);
  for (int r = 0; r < 2; ++r)
    for (int c = 0; c < 3; ++c) {
      expected[size_t(r * wide.width + c)] = float(2000 + 10 * r + c);
      expected[size_t(far.offset / 4 + 4 * r + c)] = float(5000 + 10 * r + c);
    }
  EXPECT_EQ(
      std::memcmp(file.data() + 4096, expected.data(), size_t(layout.bytes)),
      0);
  tc_weights_header header;
  std::memcpy(&header, file.data(), sizeof header);
  EXPECT_EQ(header.data_checksum,
            tc_checksum(expected.data(), size_t(layout.bytes)));
}

/// Whichever core comes to one first.
TEST(WeightsFile, TheFirstOfTwoErrors) {
  Folder folder;
  PackedWeight large = weight("w.3", 0), second = weight("none", 32 << 20),
               third = weight("other", (32 << 20) + 64);
  large.parts[0].rows = 2 << 20;
  large.bytes = 32 << 20;
  Layout layout;
  layout.weights = {third, large, second};
  layout.bytes = third.offset + third.bytes;
  EXPECT_EQ(write(folder.path("m"), layout), "no none");
}

TEST(WeightsFile, ErrorsLeaveTheOldFileAndNothingElse) {
  Folder folder;
  std::string path = folder.write("m.weights", "old");
  Layout missing = someLayout();
  missing.weights[1].parts[0].name = "nothing";
  EXPECT_NE(write(path, missing).find("no nothing"), std::string::npos);
  Layout overlapping = someLayout();
  overlapping.weights[2].offset = 100;
  EXPECT_NE(write(path, overlapping).find("begins before"), std::string::npos);
  Layout outside = someLayout();
  outside.bytes -= 128;
  EXPECT_NE(write(path, outside).find("of 1472 bytes"), std::string::npos);
  EXPECT_TRUE(readFile(path) == "old");
  std::filesystem::directory_iterator files(folder.path()), end;
  EXPECT_EQ(std::distance(files, end), 1);
}

TEST(WeightsFile, TooLargeForTheDisk) {
  Folder folder;
  Layout layout = someLayout();
  layout.bytes = int64_t(1) << 60;
  layout.weights[0].repeats[0] = int64_t(1) << 50;
  EXPECT_NE(write(folder.path("m.weights"), layout).find("are free on its"),
            std::string::npos);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(WeightsFile, PathsThatCannotBeWritten) {
  Folder folder;
  EXPECT_NE(write(folder.path("no/m.weights"), someLayout()).find("no/m."),
            std::string::npos);
  EXPECT_NE(write(folder.path(), someLayout()).find("not a regular file"),
            std::string::npos);
  EXPECT_NE(write("/dev/full", someLayout()).find("not a regular file"),
            std::string::npos);
}

} // namespace
