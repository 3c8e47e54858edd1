// A blob that has been damaged is refused or at least harmless: nothing is read
// or written out of bounds. Run under a sanitizer to see more than crashes.
#include "TextTest.h"

#include "runtime/text/blob.h"

#include <random>

using namespace text_test;

namespace {

/// One with something in every array.
std::string makeBlob() {
  llvm::Expected<std::string> blob = convertText(R"({
    "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2, "\u00c3": 3,
      "\u00a9": 4, "\u00c3\u00a9": 5, "\u0120": 6, "aba": 7},
      "merges": ["a b", "\u00c3 \u00a9", "ab a"]},
    "normalizer": {"type": "NFC"},
    "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": true},
    "added_tokens": [{"id": 8, "content": "<s>", "lstrip": true},
                     {"id": 9, "content": "</s>", "rstrip": true}],
    "post_processor": {"type": "TemplateProcessing", "single": [
      {"SpecialToken": {"id": "<s>"}}, {"Sequence": {"id": "A"}}],
      "special_tokens": {"<s>": {"ids": [8]}}}})");
  if (!blob) {
    ADD_FAILURE() << llvm::toString(blob.takeError());
    return "";
  }
  return *blob;
}

/// Whatever the blob says, all of this must end, within bounds.
void use(const std::string &blob) {
  Opened tok(blob);
  if (tok.status) {
    EXPECT_EQ(tok.tokenizer, nullptr);
    return;
  }
  for (const char *text :
       {"", "ab aba \u00e9 e\u0301 <s> \n</s>  1", "\xC3\xFF\u1100\u1161"})
    for (int bos : {0, 1}) {
      Ids ids(256);
      ptrdiff_t count = tc_encode(tok.tokenizer, text, std::strlen(text), bos,
                                  ids.data(), ids.size());
      EXPECT_GE(count, 0);
      ids.resize(std::min<size_t>(count, ids.size()));
      tok.decode(ids);
    }
  int32_t last = std::min(tc_tokenizer_size(tok.tokenizer), 1000);
  for (int32_t id = -2; id <= last; ++id) {
    char piece[16];
    tc_decode_piece(tok.tokenizer, id, id, piece, sizeof piece);
    tc_tokenizer_is_end(tok.tokenizer, id);
  }
}

TEST(Blob, IsSmall) {
  /// A table of all of Unicode would be far larger.
  EXPECT_LT(makeBlob().size(), 90000u);
}

TEST(Blob, Truncated) {
  const std::string blob = makeBlob();
  for (size_t bytes = 0; bytes < blob.size(); bytes += bytes < 1000 ? 1 : 997) {
    Opened tok(blob.substr(0, bytes));
    EXPECT_NE(tok.status, TC_TEXT_OK) << bytes;
  }
}

TEST(Blob, HeaderChecks) {
  std::string blob = makeBlob();
  auto *header = reinterpret_cast<tc_blob_header *>(blob.data());
  header->version = 99;
  EXPECT_EQ(Opened(blob).status, TC_TEXT_VERSION);
  header->magic[0] = 'X';
  EXPECT_EQ(Opened(blob).status, TC_TEXT_NOT_TOKENIZER);
  tc_tokenizer *tokenizer;
  EXPECT_EQ(tc_tokenizer_open(nullptr, 0, &tokenizer), TC_TEXT_NOT_TOKENIZER);
  for (int status = -1; status <= TC_TEXT_CORRUPT + 1; ++status)
    EXPECT_NE(std::string(tc_text_error(status)), "");
}

TEST(Blob, EveryBitOfTheHeader) {
  const std::string blob = makeBlob();
  for (size_t bit = 0; bit < sizeof(tc_blob_header) * 8; ++bit) {
    std::string damaged = blob;
    damaged[bit / 8] ^= 1 << bit % 8;
    use(damaged);
  }
}

TEST(Blob, RandomBits) {
  const std::string blob = makeBlob();
  std::mt19937 random(1);
  for (int i = 0; i < 3000; ++i) {
    std::string damaged = blob;
    /// The Unicode tables fill most of the blob: half the time, the rest.
    size_t range = i % 2 ? damaged.size() : 2400;
    for (int n = 1 + random() % 4; n > 0; --n)
      damaged[random() % range] ^= 1 << random() % 8;
    use(damaged);
  }
}

TEST(Blob, ExtremeWords) {
  const std::string blob = makeBlob();
  for (size_t at = 0; at + 4 <= 2400; at += 4)
    for (uint32_t word : {0u, 1u, 7u, 0x7FFFFFFFu, 0x80000000u, 0xFFFFFFFFu}) {
      std::string damaged = blob;
      std::memcpy(damaged.data() + at, &word, 4);
      use(damaged);
    }
}

} // namespace
