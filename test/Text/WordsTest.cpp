// Each known pattern against its regular expression, run elsewhere (words.json,
// by make-words.mjs).
#include "TextTest.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

extern "C" {
#include "runtime/text/words.h"
}

using namespace text_test;

namespace {

llvm::json::Value parseFile(const std::string &name) {
  auto value = llvm::json::parse(
      readFile(std::string(TC_SOURCE_DIR "/test/Text/") + name));
  return value ? std::move(*value)
               : llvm::json::Value(llvm::toString(value.takeError()));
}

/// A tokenizer of no tokens that cuts by the pattern.
std::unique_ptr<Opened> cutter(const std::string &pattern) {
  llvm::json::Value patterns = parseFile("patterns.json");
  llvm::json::Object file{
      {"model", llvm::json::Object{{"type", "BPE"},
                                   {"vocab", llvm::json::Object()},
                                   {"merges", llvm::json::Array()}}},
      {"pre_tokenizer", *patterns.getAsObject()->get(pattern)}};
  std::string text;
  llvm::raw_string_ostream(text) << llvm::json::Value(std::move(file));
  return openBlob(convertText(text));
}

class Words : public testing::TestWithParam<const char *> {};

TEST_P(Words, AreCutLikeTheExpression) {
  auto tok = cutter(GetParam());
  ASSERT_TRUE(tok);
  llvm::json::Value rows = parseFile("words.json");
  ASSERT_TRUE(rows.getAsArray());
  EXPECT_GT(rows.getAsArray()->size(), 300u);
  for (const llvm::json::Value &row : *rows.getAsArray()) {
    std::string text = row.getAsObject()->getString("text")->str();
    std::vector<int64_t> expected, found;
    for (const llvm::json::Value &length :
         *row.getAsObject()->getArray(GetParam()))
      expected.push_back(*length.getAsInteger());
    auto note = [](void *lengths, const char *, size_t bytes) {
      static_cast<std::vector<int64_t> *>(lengths)->push_back(bytes);
      return 0;
    };
    tc_cut_words(tok->tokenizer, text.data(), text.size(), note, &found);
    EXPECT_EQ(found, expected) << '"' << text << '"';
  }
}

INSTANTIATE_TEST_SUITE_P(Patterns, Words,
                         testing::Values("gpt2", "digits", "cl100k", "qwen2",
                                         "o200k", "tekken", "falcon", "bloom",
                                         "deepseek_coder", "deepseek_llm",
                                         "deepseek_v2", "deepseek_v3"),
                         [](const auto &info) { return info.param; });

} // namespace
