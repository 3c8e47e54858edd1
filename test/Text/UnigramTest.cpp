// Unigram models small enough to see the best cut by hand.
#include "TextTest.h"

#include "llvm/Support/Base64.h"

using namespace text_test;

namespace {

/// Scores by which "ab" + "c" and "a" + "bc" tie.
std::string letters(const std::string &more, const std::string &model = "") {
  return R"({"model": {"type": "Unigram", "unk_id": 0, "vocab": [["<u>", 0.0],
    ["a", -2], ["b", -2], ["c", -3], ["ab", -3], ["bc", -4], ["\u2581", -2],
    ["\u2581a", -2.5], ["<0xC3>", -9], ["<0xA9>", -9]])" +
         model + "}" + more + "}";
}

const std::string metaspace =
    R"({"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always"})";

TEST(Unigram, LargestSum) {
  auto tok = openBlob(convertText(letters("")));
  ASSERT_TRUE(tok);
  EXPECT_EQ(tok->encode("ab"), Ids{4});
  EXPECT_EQ(tok->encode("bc"), Ids{5});
  EXPECT_EQ(tok->encode("ba"), (Ids{2, 1}));
  EXPECT_EQ(tok->encode(""), Ids{});
  EXPECT_EQ(tok->decode({4, 5}), "abbc");
}

/// The way that was found first, whose last piece is the longest.
TEST(Unigram, TiesGoToTheLongestLastPiece) {
  auto tok = openBlob(convertText(letters("")));
  ASSERT_TRUE(tok);
  EXPECT_EQ(tok->encode("abc"), (Ids{1, 5}));
}

TEST(Unigram, UnknownCharactersAreOne) {
  auto tok = openBlob(convertText(letters("")));
  ASSERT_TRUE(tok);
  EXPECT_EQ(tok->encode("axya"), (Ids{1, 0, 1}));
  EXPECT_EQ(tok->encode("x\u00e9\xFF"), Ids{0});
  EXPECT_EQ(tok->encode("xax"), (Ids{0, 1, 0}));
  auto bytes = openBlob(convertText(letters("", R"(, "byte_fallback": true)")));
  ASSERT_TRUE(bytes);
  EXPECT_EQ(bytes->encode("a\u00e9a"), (Ids{1, 8, 9, 1}));
  EXPECT_EQ(bytes->encode("\u00e8"), Ids{0});
  EXPECT_EQ(bytes->decode({8, 9}), "\u00e9");
}

TEST(Unigram, WordsOfMetaspace) {
  auto tok = openBlob(convertText(letters(R"(, "pre_tokenizer": )" + metaspace +
                                          R"(, "decoder": )" + metaspace)));
  ASSERT_TRUE(tok);
  EXPECT_EQ(tok->encode("ab a"), (Ids{7, 2, 7}));
  EXPECT_EQ(tok->encode("a  a"), (Ids{7, 6, 7}));
  EXPECT_EQ(tok->decode({7, 2, 7}), "ab a");
}

TEST(Unigram, WhiteSpaceBetweenWords) {
  auto tok = openBlob(convertText(letters(
      R"(, "pre_tokenizer": {"type": "Sequence", "pretokenizers":
        [{"type": "WhitespaceSplit"}, )" +
      metaspace + "]}")));
  ASSERT_TRUE(tok);
  EXPECT_EQ(tok->encode(" \t a\n\n a\u00a0\u3000"), (Ids{7, 7}));
  EXPECT_EQ(tok->encode(" \r\n"), Ids{});
}

/// The template of T5: an end behind every text.
TEST(Unigram, EndOfTheTemplate) {
  auto tok = openBlob(convertText(letters(R"(, "post_processor":
    {"type": "TemplateProcessing", "single": [
      {"Sequence": {"id": "A", "type_id": 0}},
      {"SpecialToken": {"id": "</s>", "type_id": 0}}],
     "special_tokens": {"</s>": {"id": "</s>", "ids": [10], "tokens": []}}},
    "added_tokens": [{"id": 10, "content": "</s>"}])")));
  ASSERT_TRUE(tok);
  EXPECT_EQ(tok->encode("ab", /*withBos=*/true), (Ids{4, 10}));
}

/// A charsmap with the rules "A" to "ab" and "AC" to nothing.
std::string charsmap() {
  std::vector<uint32_t> units(512);
  units[0] = 256 << 10;
  units[256 ^ 'A'] = 384 << 10 | 1 << 8 | 'A';
  uint32_t behind = (256 ^ 'A') ^ 384;
  units[behind] = 1u << 31 | 0;
  units[behind ^ 'C'] = 64 << 10 | 1 << 8 | 'C';
  units[behind ^ 'C' ^ 64] = 1u << 31 | 2;
  uint32_t bytes = units.size() * 4;
  std::string result(reinterpret_cast<char *>(&bytes), 4);
  result.append(reinterpret_cast<char *>(units.data()), bytes);
  return result + std::string("ab\0", 3);
}

std::string precompiled(const std::string &more) {
  return R"(, "normalizer": {"type": "Sequence", "normalizers": [
    {"type": "Precompiled", "precompiled_charsmap": ")" +
         llvm::encodeBase64(charsmap()) + "\"}" + more + "]}";
}

TEST(Unigram, TheLongestRuleApplies) {
  auto tok = openBlob(convertText(letters(precompiled(""))));
  ASSERT_TRUE(tok);
  EXPECT_EQ(tok->encode("A"), Ids{4});
  EXPECT_EQ(tok->encode("cAC"), Ids{3});
  EXPECT_EQ(tok->encode("AAC"), Ids{4});
  EXPECT_EQ(tok->encode("ACC"), (Ids{0}));
  EXPECT_EQ(tok->encode("AC"), Ids{});
}

TEST(Unigram, SpacesThatAreDropped) {
  auto tok = openBlob(convertText(letters(precompiled(
      R"(, {"type": "Strip", "strip_left": false, "strip_right": true},
         {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "})"))));
  ASSERT_TRUE(tok);
  EXPECT_EQ(tok->encode("A   A  "), (Ids{4, 7, 2}));
}

std::string errorIn(const std::string &content) {
  llvm::Expected<std::string> blob = convertText(content);
  if (blob)
    return "no error";
  std::string error = llvm::toString(blob.takeError());
  return error.substr(error.find(": ") + 2);
}

TEST(Unigram, WhatIsBrokenIsRefused) {
  auto model = [](const std::string &members) {
    return R"({"model": {"type": "Unigram", )" + members + "}}";
  };
  EXPECT_EQ(errorIn(model(R"("vocab": {})")),
            "the tokenizer model has no list 'vocab'");
  EXPECT_EQ(errorIn(model(R"("vocab": [])")),
            "the tokenizer model has no list 'vocab'");
  for (const char *entry : {"7", R"(["a"])", R"(["a", "b"])", "[1, 2]"})
    EXPECT_EQ(
        errorIn(model(R"("vocab": [)" + std::string(entry) + "]")),
        "an entry of the unigram vocabulary is not a piece and its score");
  EXPECT_EQ(errorIn(model(R"("unk_id": 1, "vocab": [["a", 0]])")),
            "unk_id: expected 0 to 0");
  auto rules = [](const std::string &base64) {
    return letters(R"(, "normalizer": {"type": "Precompiled",
      "precompiled_charsmap": ")" +
                   base64 + "\"}");
  };
  EXPECT_EQ(errorIn(rules("?")),
            "normalizer Precompiled: the charsmap is not base64");
  EXPECT_EQ(errorIn(rules("AAAA")), "the rules of normalisation (precompiled "
                                    "charsmap) are damaged");
  EXPECT_EQ(errorIn(rules(llvm::encodeBase64(charsmap().substr(0, 2000)))),
            "the rules of normalisation (precompiled charsmap) are damaged");
  EXPECT_EQ(errorIn(rules(llvm::encodeBase64(charsmap() + "x"))),
            "the rules of normalisation (precompiled charsmap) are damaged");
  EXPECT_EQ(errorIn(letters(R"(, "normalizer": {"type": "Strip"})")),
            "normalizer Strip without Precompiled is not supported");
  EXPECT_EQ(
      errorIn(letters(R"(, "pre_tokenizer": {"type": "WhitespaceSplit"})")),
      "pre_tokenizer WhitespaceSplit without Metaspace before each word "
      "is not supported");
  EXPECT_EQ(errorIn(letters(R"(, "pre_tokenizer": {"type": "ByteLevel"})")),
            "pre_tokenizer ByteLevel before Unigram is not supported");
}

/// Whatever a damaged blob says, encoding ends, within bounds.
TEST(Unigram, DamagedBlobs) {
  llvm::Expected<std::string> blob =
      convertText(letters(precompiled(""), R"(, "byte_fallback": true)"));
  ASSERT_TRUE(bool(blob));
  const std::string text = "ab A AC ACC \u00e9\xFF cab";
  auto use = [&](const std::string &damaged) {
    Opened tok(damaged);
    if (tok.status)
      return;
    int32_t ids[64];
    EXPECT_GE(tc_encode(tok.tokenizer, text.data(), text.size(), 1, ids, 64),
              0);
  };
  for (size_t bit = 0; bit < blob->size() * 8; ++bit) {
    std::string damaged = *blob;
    damaged[bit / 8] ^= 1 << bit % 8;
    use(damaged);
  }
  for (size_t at = 0; at + 4 <= blob->size(); at += 4)
    for (uint32_t word : {0u, 1u, 0x7FFFFFFFu, 0x80000000u, 0xFFFFFFFFu}) {
      std::string damaged = *blob;
      std::memcpy(damaged.data() + at, &word, 4);
      use(damaged);
    }
}

} // namespace
