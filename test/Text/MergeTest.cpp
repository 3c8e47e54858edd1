// Byte-pair encoding against the plain way of doing it: look through the whole
// word for the best pair, join it, begin again.
#include "TextTest.h"

#include "llvm/Support/JSON.h"

#include <map>
#include <random>

using namespace text_test;

namespace {

using Symbols = std::vector<std::string>;

/// Vocabulary and merges as the file of the scripture example gives them.
struct Plain {
  std::map<std::string, int32_t> ids;
  std::map<std::pair<std::string, std::string>, size_t> ranks;

  explicit Plain(const llvm::json::Object &model) {
    for (const auto &[token, id] : *model.getObject("vocab"))
      ids[token.str()] = *id.getAsInteger();
    for (const llvm::json::Value &merge : *model.getArray("merges")) {
      std::pair<std::string, std::string> pair;
      if (const llvm::json::Array *tokens = merge.getAsArray()) {
        pair = {(*tokens)[0].getAsString()->str(),
                (*tokens)[1].getAsString()->str()};
      } else {
        auto [left, right] = merge.getAsString()->split(' ');
        pair = {left.str(), right.str()};
      }
      ranks.try_emplace(pair, ranks.size());
    }
  }

  Ids encode(const std::string &word) const {
    Symbols symbols;
    for (char c : word)
      symbols.push_back(std::string(1, c));
    while (joinBest(symbols)) {
    }
    Ids result;
    for (const std::string &symbol : symbols)
      result.push_back(ids.at(symbol));
    return result;
  }

private:
  bool joinBest(Symbols &symbols) const {
    size_t best = SIZE_MAX, at = 0;
    for (size_t i = 0; i + 1 < symbols.size(); ++i) {
      auto found = ranks.find({symbols[i], symbols[i + 1]});
      if (found != ranks.end() && found->second < best) {
        best = found->second;
        at = i;
      }
    }
    if (best == SIZE_MAX)
      return false;
    symbols[at] += symbols[at + 1];
    symbols.erase(symbols.begin() + at + 1);
    return true;
  }
};

TEST(Merge, AgreesWithThePlainWay) {
  const std::string path = TC_SOURCE_DIR "/examples/scripture/tokenizer.json";
  auto file = llvm::json::parse(readFile(path));
  ASSERT_TRUE(bool(file)) << llvm::toString(file.takeError());
  const Plain plain(*file->getAsObject()->getObject("model"));
  auto tok = openFile(path);
  ASSERT_TRUE(tok);
  /// Letters alone are one word; by their frequency, so that much is merged.
  const std::string letters = "etaoinshrdluetaoinsheeetttaahnddLGIAcmfwygpbvk";
  std::mt19937 random(1);
  for (int i = 0; i < 20000; ++i) {
    std::string word;
    for (int n = 1 + random() % (i % 100 ? 15 : 300); n > 0; --n)
      word += letters[random() % letters.size()];
    ASSERT_EQ(tok->encode(word), plain.encode(word)) << word;
  }
}

} // namespace
