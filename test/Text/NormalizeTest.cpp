// Normal form C against utf8proc's own: the tables come from it, the algorithm
// does not.
#include "TextTest.h"

#include <cstdlib>
#include <random>
#include <utf8proc.h>

extern "C" {
#include "runtime/text/normalize.h"
}

using namespace text_test;

namespace {

std::string utf8(const std::vector<int32_t> &characters) {
  std::string text;
  for (int32_t c : characters) {
    utf8proc_uint8_t bytes[4];
    text.append(reinterpret_cast<char *>(bytes),
                utf8proc_encode_char(c, bytes));
  }
  return text;
}

class NormalForm : public testing::Test {
protected:
  void SetUp() override {
    tok = openBlob(convertText(R"({"normalizer": {"type": "NFC"},
                   "model": {"type": "BPE", "vocab": {}, "merges": []}})"));
    ASSERT_TRUE(tok);
  }

  std::string ours(const std::string &text) {
    size_t bytes;
    char *composed =
        tc_compose_text(tok->tokenizer, text.data(), text.size(), &bytes);
    std::string result(composed, bytes);
    std::free(composed);
    return result;
  }

  void check(const std::vector<int32_t> &characters) {
    std::string text = utf8(characters);
    utf8proc_uint8_t *theirs =
        utf8proc_NFC(reinterpret_cast<const utf8proc_uint8_t *>(text.c_str()));
    ASSERT_TRUE(theirs);
    ASSERT_EQ(ours(text), reinterpret_cast<char *>(theirs)) << text;
    std::free(theirs);
  }

  std::unique_ptr<Opened> tok;
};

TEST_F(NormalForm, EveryCharacter) {
  for (int32_t c = 1; c <= 0x10FFFF; ++c)
    if (utf8proc_codepoint_valid(c))
      check({c});
}

/// Characters that decompose, marks and their bases, in any order.
TEST_F(NormalForm, RandomRows) {
  std::vector<int32_t> pool = {'a', 'e', 'o', 's', 'A', ' '};
  for (int32_t c = 0x80; c <= 0x1FFFF; ++c) {
    const utf8proc_property_t *property = utf8proc_get_property(c);
    if (property->combining_class || property->comb_index != UINT16_MAX ||
        property->decomp_seqindex != UINT16_MAX)
      pool.push_back(c);
  }
  ASSERT_GT(pool.size(), 3000u);
  for (int32_t c = 0x1100; c < 0x1200; ++c)
    pool.push_back(c);
  std::mt19937 random(1);
  for (int i = 0; i < 100000; ++i) {
    std::vector<int32_t> characters;
    for (int n = 1 + random() % 8; n > 0; --n)
      characters.push_back(random() % 3 ? 0x300 + random() % 0x60
                                        : pool[random() % pool.size()]);
    check(characters);
  }
}

TEST_F(NormalForm, BytesThatAreNotUtf8StayAsTheyAre) {
  EXPECT_EQ(ours("\xFF\xC3\x28 e\xCC\x81\xED\xA0\x80"),
            "\xFF\xC3\x28 \u00e9\xED\xA0\x80");
}

/// Sorting the marks must not take time that grows with the square.
TEST_F(NormalForm, LongRowOfMarks) {
  std::string text;
  for (int i = 0; i < 300000; ++i)
    text += i % 2 ? "\u0301" : "\u0323";
  EXPECT_EQ(ours(text).size(), text.size());
}

} // namespace
