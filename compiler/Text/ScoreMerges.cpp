// Each word is cut in two wherever both halves are words.
#include "compiler/Text/ScoreMerges.h"

#include "compiler/Weights/Fail.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"

#include <cmath>

using namespace llvm;

namespace text {

/// Real vocabularies stay below a hundred bytes.
constexpr size_t longestWord = 512;

std::optional<uint8_t> bytePiece(StringRef piece) {
  uint8_t byte;
  if (piece.size() != 6 || !piece.consume_front("<0x") ||
      !piece.consume_back(">") || piece.getAsInteger(16, byte))
    return std::nullopt;
  return byte;
}

std::string withSpaces(StringRef piece) {
  std::string text;
  while (!piece.empty()) {
    if (piece.consume_front("\xE2\x96\x81")) {
      text += ' ';
      continue;
    }
    text += piece.front();
    piece = piece.drop_front();
  }
  return text;
}

/// Rank of each id: equal for equal scores, lowest for the best.
static std::vector<uint32_t> rank(ArrayRef<float> scores) {
  std::vector<int32_t> order(scores.size());
  for (size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  auto key = [&](int32_t id) {
    return std::isnan(scores[id]) ? -INFINITY : scores[id];
  };
  llvm::sort(order, [&](int32_t a, int32_t b) {
    return std::pair(-key(a), a) < std::pair(-key(b), b);
  });
  std::vector<uint32_t> ranks(scores.size());
  for (size_t i = 0; i < order.size(); ++i)
    ranks[order[i]] = i && key(order[i - 1]) == key(order[i])
                          ? ranks[order[i - 1]]
                          : uint32_t(i);
  return ranks;
}

Error addMergesByScore(StringRef name, ArrayRef<float> scores,
                       Tokenizer &tokenizer) {
  StringMap<int32_t> ids;
  for (int32_t id : tokenizer.words)
    ids.try_emplace(tokenizer.texts[id], id);
  std::vector<uint32_t> ranks = rank(scores);
  for (const auto &entry : ids) {
    StringRef word = entry.first();
    if (word.size() > longestWord)
      return weights::fail("{}: piece {} has {} bytes, expected at most {}",
                           name.str(), entry.second, word.size(), longestWord);
    for (size_t cut = 1; cut < word.size(); ++cut) {
      auto left = ids.find(word.take_front(cut));
      auto right = ids.find(word.drop_front(cut));
      if (left != ids.end() && right != ids.end())
        tokenizer.merges.push_back(
            {left->second, right->second, ranks[entry.second], entry.second});
    }
  }
  return Error::success();
}

} // namespace text
