// GPT-2's byte-level vocabulary in its first form.
#include "TextTest.h"

using namespace text_test;

namespace {

constexpr const char *gpt2 = "tokenizers/gpt2/encoder.json";

TEST(Gpt2, KnownIds) {
  OPEN_SHARED(gpt2);
  EXPECT_EQ(tok->encode("Hello world"), (Ids{15496, 995}));
  EXPECT_EQ(tok->decode({15496, 995}), "Hello world");
  EXPECT_EQ(tc_tokenizer_size(tok->tokenizer), 50257);
  EXPECT_EQ(tc_tokenizer_bos(tok->tokenizer), 50256);
  EXPECT_EQ(tc_tokenizer_eos(tok->tokenizer), 50256);
}

TEST(Gpt2, EitherHalfOfThePairWillDo) {
  OPEN_SHARED(gpt2);
  auto other = openFile(shared("tokenizers/gpt2/vocab.bpe"));
  ASSERT_TRUE(other);
  EXPECT_EQ(other->encode("The same ids"), tok->encode("The same ids"));
}

} // namespace
