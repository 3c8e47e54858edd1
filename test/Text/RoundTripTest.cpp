// Any text encodes, and what is UTF-8 decodes to itself: with tokenizers of
// each kind, those of the shared models where they are.
#include "TextTest.h"

#include <chrono>
#include <map>
#include <random>

using namespace text_test;

namespace {

void appendUtf8(std::string &text, uint32_t c) {
  if (c < 0x80) {
    text += char(c);
  } else if (c < 0x800) {
    text += {char(0xC0 | c >> 6), char(0x80 | (c & 63))};
  } else if (c < 0x10000) {
    text += {char(0xE0 | c >> 12), char(0x80 | (c >> 6 & 63)),
             char(0x80 | (c & 63))};
  } else {
    text += {char(0xF0 | c >> 18), char(0x80 | (c >> 12 & 63)),
             char(0x80 | (c >> 6 & 63)), char(0x80 | (c & 63))};
  }
}

/// Mostly of the lower planes.
std::string randomText(std::mt19937 &random, size_t characters) {
  std::string text;
  const uint32_t limits[] = {0x80, 0x80, 0x250, 0x3000, 0x10000, 0x110000};
  while (characters-- > 0) {
    uint32_t c = random() % limits[random() % 6];
    bool surrogate = c >= 0xD800 && c < 0xE000;
    appendUtf8(text, random() % 5 == 0 ? ' ' : surrogate ? '\n' : c);
  }
  return text;
}

/// Characters and nothing else.
const char *characters = R"({"model": {"type": "BPE", "merges": [], "vocab": {
  "\n": 0, " ": 1, "e": 2, "t": 3, "\u00e9": 4, "\ud83d\ude00": 5}}})";

class RoundTrip : public testing::TestWithParam<const char *> {
protected:
  void SetUp() override {
    std::string path = GetParam()[0] == '/'
                           ? TC_SOURCE_DIR + std::string(GetParam())
                           : shared(GetParam());
    if (!isThere(path))
      GTEST_SKIP() << path << " is absent";
    /// Large vocabularies take longer to read than the tests to run.
    static std::map<std::string, std::unique_ptr<Opened>> opened;
    std::unique_ptr<Opened> &entry = opened[path];
    if (!entry)
      entry = openFile(path);
    tok = entry.get();
    ASSERT_TRUE(tok);
  }

  void check(const std::string &text) {
    ASSERT_EQ(tok->decode(tok->encode(text)), text);
  }

  Opened *tok = nullptr;
};

TEST_P(RoundTrip, EmptyAndSpaces) {
  for (const char *text : {"", " ", "  ", "     ", "\n", " \n ", "\t\t", "\r\n",
                           " a", "a ", "\xE2\x96\x81", "<0x0A>", "<s>"})
    check(text);
}

TEST_P(RoundTrip, EveryByte) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) {
    check(std::string(1, char(byte)));
    check("a" + std::string(3, char(byte)) + " b");
    all += char(byte);
  }
  check(all);
}

TEST_P(RoundTrip, RandomText) {
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i)
    check(randomText(random, random() % 40));
}

TEST_P(RoundTrip, RandomBytes) {
  std::mt19937 random(2);
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    for (int n = random() % 20; n > 0; --n)
      text += char(random());
    check(text);
  }
}

/// Twice the text must not take four times as long; the bound is generous.
TEST_P(RoundTrip, Megabyte) {
  std::mt19937 random(3);
  for (const std::string &text :
       {randomText(random, 500000), std::string(1 << 20, 'a'),
        std::string(1 << 20, ' '), std::string(1 << 20, '\xFF'),
        std::string(1 << 20, '<')}) {
    auto start = std::chrono::steady_clock::now();
    Ids ids = tok->encode(text);
    EXPECT_LT(std::chrono::steady_clock::now() - start,
              std::chrono::seconds(20));
    EXPECT_TRUE(tok->decode(ids) == text);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Tokenizers, RoundTrip,
    testing::Values("/examples/scripture/tokenizer.json", "llama2c/tok512.bin",
                    "tokenizers/gpt2/encoder.json",
                    "tokenizers/llama2-32k/tokenizer.model"),
    [](const auto &info) {
      std::string name = info.param;
      for (char &c : name)
        c = isalnum((unsigned char)c) ? c : '_';
      return name;
    });

TEST(Characters, WithoutATokenAreLeftOut) {
  auto tok = openBlob(convertText(characters));
  ASSERT_TRUE(tok);
  EXPECT_EQ(tok->encode("te \n\u00e9\U0001F600"), (Ids{3, 2, 1, 0, 4, 5}));
  EXPECT_EQ(tok->encode("tee!\xFF\xC3t"), (Ids{3, 2, 2, 3}));
  EXPECT_EQ(tok->decode({3, 2, 1, 0, 4, 5}), "te \n\u00e9\U0001F600");
  EXPECT_EQ(tok->decode({-1, 6, 1000000, 3}), "t");
}

TEST(Characters, DecodedInPiecesThatDoNotFit) {
  auto tok = openBlob(convertText(characters));
  ASSERT_TRUE(tok);
  char buffer[4] = {'x', 'x', 'x', 'x'};
  EXPECT_EQ(tc_decode_piece(tok->tokenizer, -1, 5, buffer, 2), 4u);
  EXPECT_EQ(std::string(buffer, 4), "\xF0\x9Fxx");
  int32_t ids[3] = {7, 7, 7};
  EXPECT_EQ(tc_encode(tok->tokenizer, "teete", 5, 0, ids, 2), 5);
  EXPECT_EQ(ids[0], 3);
  EXPECT_EQ(ids[1], 2);
  EXPECT_EQ(ids[2], 7);
}

TEST(Characters, TextsOfTwoGigabytesAreRefused) {
  auto tok = openBlob(convertText(characters));
  ASSERT_TRUE(tok);
  EXPECT_EQ(tc_encode(tok->tokenizer, "", size_t(1) << 31, 0, nullptr, 0),
            -TC_TEXT_TOO_LONG);
}

} // namespace
