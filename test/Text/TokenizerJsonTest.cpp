// What the parts of a tokenizer.json mean, on vocabularies small enough to see
// the ids by hand.
#include "TextTest.h"

using namespace text_test;

namespace {

/// Letters with two merges; `more` are further members of the file.
std::string letters(const std::string &more, const std::string &model = "") {
  return R"({"model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "c": 2,
    "ab": 3, "abc": 4, "\u2581": 5, "\u2581a": 6, " ": 7, "<u>": 8},
    "merges": ["a b", "ab c", "\u2581 a"])" +
         model + "}" + more + "}";
}

const std::string replaceSpaces =
    R"({"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"})";
const std::string prependSpace = R"({"type": "Prepend", "prepend": "\u2581"})";

std::string normalizers(const std::string &list) {
  return R"(, "normalizer": {"type": "Sequence", "normalizers": [)" + list +
         "]}";
}

TEST(TokenizerJson, MergesByRankThenFromTheLeft) {
  auto tok = openBlob(convertText(letters("")));
  ASSERT_TRUE(tok);
  EXPECT_EQ(tok->encode("abc"), Ids{4});
  EXPECT_EQ(tok->encode("ababcc"), (Ids{3, 4, 2}));
  EXPECT_EQ(tok->encode("acb"), (Ids{0, 2, 1}));
}

TEST(TokenizerJson, PairsOfMergesInEitherForm) {
  auto tok = openBlob(convertText(
      R"({"model": {"vocab": {"a": 0, "b": 1, "ab": 2}, "merges": [["a", "b"]]}})"));
  ASSERT_TRUE(tok);
  EXPECT_EQ(tok->encode("ab"), Ids{2});
}

TEST(TokenizerJson, SpacesAsSigns) {
  auto tok = openBlob(
      convertText(letters(normalizers(prependSpace + "," + replaceSpaces))));
  ASSERT_TRUE(tok);
  EXPECT_EQ(tok->encode("ab"), (Ids{5, 3}));
  EXPECT_EQ(tok->encode("ac a"), (Ids{6, 2, 6}));
  EXPECT_EQ(tok->encode(" a"), (Ids{5, 6}));
  EXPECT_EQ(tok->decode({6, 2, 6}), " ac a");
}

TEST(TokenizerJson, StripDropsTheSpaceThatWasPut) {
  auto tok = openBlob(
      convertText(letters(normalizers(prependSpace + "," + replaceSpaces) +
                          R"(, "decoder": {"type": "Sequence", "decoders": [
                {"type": "Fuse"}, {"type": "Strip", "content": " ",
                 "start": 1, "stop": 0}]})")));
  ASSERT_TRUE(tok);
  EXPECT_EQ(tok->decode({6, 2, 6}), "ac a");
}

TEST(TokenizerJson, MetaspaceSchemes) {
  auto metaspace = [](const std::string &settings) {
    return openBlob(convertText(letters(
        R"(, "pre_tokenizer": {"type": "Metaspace", "replacement": "\u2581", )" +
        settings + R"(}, "added_tokens": [{"id": 8, "content": "<u>"}])")));
  };
  auto first = metaspace(R"("prepend_scheme": "first", "split": false)");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->encode("a<u>a"), (Ids{6, 8, 0}));
  EXPECT_EQ(first->encode("<u>a"), (Ids{8, 0}));
  EXPECT_EQ(first->encode(" a"), Ids{6});
  auto always = metaspace(R"("prepend_scheme": "always", "split": true)");
  ASSERT_TRUE(always);
  EXPECT_EQ(always->encode("a<u>a"), (Ids{6, 8, 6}));
  EXPECT_EQ(always->encode("<u>"), Ids{8});
  auto never = metaspace(R"("prepend_scheme": "never")");
  ASSERT_TRUE(never);
  EXPECT_EQ(never->encode("a a"), (Ids{0, 6}));
}

TEST(TokenizerJson, UnknownCharacters) {
  auto tok = openBlob(convertText(letters("", R"(, "unk_token": "<u>")")));
  ASSERT_TRUE(tok);
  EXPECT_EQ(tok->encode("axyb"), (Ids{0, 8, 8, 1}));
  auto fused = openBlob(
      convertText(letters("", R"(, "unk_token": "<u>", "fuse_unk": true)")));
  ASSERT_TRUE(fused);
  EXPECT_EQ(fused->encode("axyb"), (Ids{0, 8, 1}));
}

TEST(TokenizerJson, BytePieces) {
  auto tok = openBlob(convertText(
      R"({"model": {"type": "BPE", "byte_fallback": true, "unk_token": "<u>",
        "vocab": {"a": 0, "<0xC3>": 1, "<0xA9>": 2, "<u>": 3}, "merges": []}})"));
  ASSERT_TRUE(tok);
  EXPECT_EQ(tok->encode("a\u00e9a"), (Ids{0, 1, 2, 0}));
  EXPECT_EQ(tok->encode("a\u00e8a"), (Ids{0, 3, 0}));
  EXPECT_EQ(tok->decode({1, 2}), "\u00e9");
}

TEST(TokenizerJson, AddedTokens) {
  auto tok = openBlob(convertText(letters(R"(, "added_tokens": [
    {"id": 10, "content": "<x>", "lstrip": true},
    {"id": 11, "content": "<x>b", "rstrip": true},
    {"id": 12, "content": "\u00e9"}])")));
  ASSERT_TRUE(tok);
  EXPECT_EQ(tok->encode("a<x>a"), (Ids{0, 10, 0}));
  EXPECT_EQ(tok->encode("a  <x>  a"), (Ids{0, 10, 7, 7, 0}));
  EXPECT_EQ(tok->encode("a  <x>b \t a"), (Ids{0, 7, 7, 11, 0}));
  EXPECT_EQ(tok->encode("\u00e9<x\u00e9"), (Ids{12, 12}));
  EXPECT_EQ(tok->decode({0, 10, 12}), "a<x>\u00e9");
  EXPECT_EQ(tc_tokenizer_size(tok->tokenizer), 13);
  EXPECT_EQ(tok->decode({9}), "");
}

TEST(TokenizerJson, WholeWordsBeforeMerges) {
  const std::string vocab = R"({"model": {"type": "BPE", "ignore_merges": true,
    "vocab": {"a": 0, "b": 1, "c": 2, "ab": 3, "abc": 4}, "merges": ["a b"]},
    "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false}})";
  auto tok = openBlob(convertText(vocab));
  ASSERT_TRUE(tok);
  EXPECT_EQ(tok->encode("abc"), Ids{4});
  EXPECT_EQ(tok->encode("abcc"), (Ids{3, 2, 2}));
}

TEST(TokenizerJson, OpeningOfTheTemplate) {
  auto tok = openBlob(convertText(letters(R"(, "post_processor":
    {"type": "TemplateProcessing", "single": [
      {"SpecialToken": {"id": "<s>", "type_id": 0}},
      {"Sequence": {"id": "A", "type_id": 0}}],
     "special_tokens": {"<s>": {"id": "<s>", "ids": [9], "tokens": ["<s>"]}}},
    "added_tokens": [{"id": 9, "content": "<s>"}])")));
  ASSERT_TRUE(tok);
  EXPECT_EQ(tok->encode("ab"), Ids{3});
  EXPECT_EQ(tok->encode("ab", /*withBos=*/true), (Ids{9, 3}));
  EXPECT_EQ(tok->encode("", /*withBos=*/true), Ids{9});
  EXPECT_EQ(tc_tokenizer_bos(tok->tokenizer), 9);
}

TEST(TokenizerJson, PrefixSpaceOfByteLevel) {
  auto tok = openBlob(convertText(R"({"model": {"type": "BPE", "merges": [],
    "vocab": {"a": 0, "\u0120": 1}},
    "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": true}})"));
  ASSERT_TRUE(tok);
  EXPECT_EQ(tok->encode("a a"), (Ids{1, 0, 1, 0}));
  EXPECT_EQ(tok->encode(" a"), (Ids{1, 0}));
}

/// Files beside a tokenizer say what begins and ends a text.
class BeginAndEnd : public testing::Test {
protected:
  std::unique_ptr<Opened> open() {
    return openFile(directory.write(
        "tokenizer.json",
        letters(R"(, "added_tokens": [{"id": 9, "content": "<|endoftext|>"},
                {"id": 10, "content": "</s>"}])")));
  }
  Directory directory;
};

TEST_F(BeginAndEnd, KnownByName) {
  auto tok = open();
  ASSERT_TRUE(tok);
  EXPECT_EQ(tc_tokenizer_eos(tok->tokenizer), 9);
  EXPECT_TRUE(tc_tokenizer_is_end(tok->tokenizer, 10));
  EXPECT_EQ(tc_tokenizer_bos(tok->tokenizer), 9);
  EXPECT_TRUE(tc_tokenizer_is_added(tok->tokenizer, 10));
  EXPECT_FALSE(tc_tokenizer_is_added(tok->tokenizer, 8));
  auto none = openBlob(convertText(letters("")));
  ASSERT_TRUE(none);
  EXPECT_EQ(tc_tokenizer_bos(none->tokenizer), -1);
  EXPECT_EQ(tc_tokenizer_eos(none->tokenizer), -1);
}

TEST_F(BeginAndEnd, GenerationConfigComesFirst) {
  directory.write("generation_config.json",
                  R"({"eos_token_id": [3, 4, 99, -1]})");
  directory.write("config.json", R"({"eos_token_id": 10, "bos_token_id": 9})");
  auto tok = open();
  ASSERT_TRUE(tok);
  EXPECT_EQ(tc_tokenizer_eos(tok->tokenizer), 3);
  EXPECT_TRUE(tc_tokenizer_is_end(tok->tokenizer, 4));
  EXPECT_FALSE(tc_tokenizer_is_end(tok->tokenizer, 10));
  EXPECT_EQ(tc_tokenizer_bos(tok->tokenizer), 9);
}

TEST_F(BeginAndEnd, TokenizerConfigNamesThem) {
  directory.write("tokenizer_config.json",
                  R"({"eos_token": {"content": "</s>"}, "bos_token": "</s>"})");
  auto tok = open();
  ASSERT_TRUE(tok);
  EXPECT_EQ(tc_tokenizer_eos(tok->tokenizer), 10);
  EXPECT_EQ(tc_tokenizer_bos(tok->tokenizer), 10);
}

} // namespace
