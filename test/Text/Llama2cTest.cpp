// The tokenizer of llama2.c's smallest published model, and its published text.
#include "TextTest.h"

using namespace text_test;

namespace {

constexpr const char *tok512 = "llama2c/tok512.bin";

/// The numbers of a .npy file of int32.
Ids readNpy(const std::string &path) {
  std::string file = readFile(path);
  EXPECT_NE(file.find("'<i4'"), std::string::npos);
  size_t begin = 10 + (unsigned char)file[8] + 256 * (unsigned char)file[9];
  Ids ids;
  for (size_t at = begin; at + 4 <= file.size(); at += 4) {
    int32_t id;
    std::memcpy(&id, file.data() + at, 4);
    ids.push_back(id);
  }
  return ids;
}

TEST(Llama2c, PublishedText) {
  OPEN_SHARED(tok512);
  Ids ids = readNpy(shared("llama2c/tokens_greedy200.npy"));
  std::string text = readFile(shared("llama2c/expected_greedy_200.txt"));
  EXPECT_EQ(ids[0], 1);
  EXPECT_EQ(tok->decode(ids).substr(0, text.size()), text);
  /// The model wrote the text with the ids that encoding it gives.
  Ids encoded = tok->encode(tok->decode(ids), /*withBos=*/true);
  EXPECT_EQ(encoded, ids);
}

TEST(Llama2c, BeginAndEnd) {
  OPEN_SHARED(tok512);
  EXPECT_EQ(tc_tokenizer_size(tok->tokenizer), 512);
  EXPECT_EQ(tc_tokenizer_bos(tok->tokenizer), 1);
  EXPECT_EQ(tc_tokenizer_eos(tok->tokenizer), 2);
  EXPECT_TRUE(tc_tokenizer_is_end(tok->tokenizer, 1));
  EXPECT_TRUE(tc_tokenizer_is_end(tok->tokenizer, 2));
  EXPECT_FALSE(tc_tokenizer_is_end(tok->tokenizer, 3));
  EXPECT_EQ(tok->encode("", true), Ids{1});
  EXPECT_EQ(tok->encode(""), Ids{});
}

TEST(Llama2c, IsFoundBesideTheModel) {
  OPEN_SHARED(tok512);
  EXPECT_EQ(text::findTokenizer(shared("llama2c/stories260K.bin")),
            shared(tok512));
}

} // namespace
