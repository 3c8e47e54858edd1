// CTranslate2's files: integers divided by their scales, settings, aliases, and
// files that are not what they say.
#include "SafetensorsText.h"
#include "test/Folder.h"

#include "compiler/Weights/CTranslate2.h"

#include <gtest/gtest.h>

#include <random>

using namespace weights;

namespace {

std::string text(const std::string &word) {
  return bytesOf<uint16_t>({uint16_t(word.size() + 1)}) + word + '\0';
}

/// A tensor of a file of version 6, whose kinds have numbers, or of version 2,
/// which says how many bytes a value has.
std::string tensor(uint32_t version, const std::string &name,
                   std::vector<uint32_t> shape, int kind, int size,
                   const std::string &data) {
  std::string bytes = text(name) + char(shape.size()) + bytesOf(shape);
  if (version >= 4)
    return bytes + char(kind) + bytesOf<uint32_t>({uint32_t(data.size())}) +
           data;
  return bytes + char(size) +
         bytesOf<uint32_t>({uint32_t(data.size() / size)}) + data;
}

std::string whole(uint32_t version) {
  std::vector<std::string> tensors{
      tensor(version, "a/weight", {2, 2}, 1, 1, "\x01\x02\xfd\x7f"),
      tensor(version, "a/weight_scale", {2}, 0, 4, bytesOf<float>({2, 4})),
      tensor(version, "b/weight", {3}, 2, 2, bytesOf<int16_t>({-500, 0, 1000})),
      tensor(version, "b/weight_scale", {}, 0, 4, bytesOf<float>({1000})),
      tensor(version, "b/bias", {1}, 0, 4, bytesOf<float>({0.5f})),
      tensor(version, "heads", {}, 2, 2, bytesOf<int16_t>({12}))};
  std::string file = bytesOf<uint32_t>({version}) + text("TransformerSpec") +
                     bytesOf<uint32_t>({7, uint32_t(tensors.size())});
  for (const std::string &each : tensors)
    file += each;
  if (version >= 3)
    file += bytesOf<uint32_t>({1}) + text("c/weight") + text("a/weight");
  return file;
}

std::vector<float> valuesOf(const TensorFile &file, const char *name) {
  const Tensor *tensor = file.find(name);
  if (!tensor || tensor->dtype != DType::F32)
    return {};
  std::vector<float> values(tensor->bytes / 4);
  memcpy(values.data(), tensor->data, tensor->bytes);
  return values;
}

TEST(CTranslate2, IntegersAreDividedByTheirScales) {
  for (uint32_t version : {2, 6}) {
    Folder folder;
    llvm::Expected<CTranslate2Model> model =
        readCTranslate2Model(folder.write("model.bin", whole(version)));
    ASSERT_TRUE(bool(model)) << toString(model.takeError());
    EXPECT_EQ(model->spec, "TransformerSpec");
    EXPECT_EQ(model->revision, 7u);
    EXPECT_EQ(valuesOf(model->file, "a/weight"),
              (std::vector<float>{0.5f, 1, -0.75f, 31.75f}));
    EXPECT_EQ(valuesOf(model->file, "b/weight"),
              (std::vector<float>{-0.5f, 0, 1}));
    EXPECT_EQ(valuesOf(model->file, "b/bias"), std::vector<float>{0.5f});
    EXPECT_EQ(model->file.tensors().size(), 3u);
    EXPECT_EQ(model->settings,
              (std::map<std::string, double>{{"heads", 12.0}}));
    EXPECT_EQ(model->aliases.size(), version >= 3 ? 1u : 0u);
  }
}

TEST(CTranslate2, IsToldFromLlama2c) {
  Folder folder;
  EXPECT_TRUE(isCTranslate2(folder.write("a.bin", whole(6))));
  for (int32_t hidden : {0, 1, 2, 3, 20, 256, 65536})
    EXPECT_FALSE(isCTranslate2(
        folder.write("b.bin", bytesOf<int32_t>({2, hidden, 2, 2, 1, 5, 6}) +
                                  std::string(70000, '\0'))));
  EXPECT_FALSE(isCTranslate2(folder.write("c.bin", "")));
  EXPECT_FALSE(isCTranslate2(folder.path() + "/none.bin"));
}

TEST(CTranslate2, WrongFiles) {
  Folder folder;
  auto message = [&](const std::string &bytes) {
    auto file = readCTranslate2(folder.write("m.bin", bytes));
    return file ? "no error" : toString(file.takeError());
  };
  std::string file = whole(6);
  auto expect = [&](const std::string &bytes, const char *part) {
    EXPECT_NE(message(bytes).find(part), std::string::npos) << message(bytes);
  };
  for (size_t length :
       {size_t(0), size_t(10), file.size() / 2, file.size() - 1})
    expect(file.substr(0, length), length > 3 ? "truncated" : "version 0");
  expect(file + "1", "1 bytes after the last tensor");
  expect(whole(7), "version 7, expected 2 to 6");
  auto replaced = [&](const std::string &from, const std::string &to) {
    std::string bytes = file;
    return bytes.replace(bytes.find(from), from.size(), to);
  };
  expect(replaced(text("b/bias"),
                  text("b/weight").substr(0, 2) + "b/weight" + '\0'),
         "two tensors 'b/weight'");
  expect(replaced(bytesOf<float>({1000}), bytesOf<float>({0})),
         "'b/weight' is scaled by 0");
  expect(replaced(bytesOf<uint32_t>({2, 2}), bytesOf<uint32_t>({2, 3})),
         "which its shape does not need");
}

TEST(CTranslate2, DamagedFilesNeverCrash) {
  Folder folder;
  std::mt19937 random(3);
  for (int round = 0; round < 2000; ++round) {
    std::string file = whole(random() % 2 ? 2 : 6);
    for (unsigned i = 0; i <= random() % 3; ++i)
      file[random() % file.size()] =
          char(random() % 3 ? random() % 8 : random());
    auto read = readCTranslate2(folder.write("m.bin", file));
    if (!read)
      consumeError(read.takeError());
  }
}

} // namespace
