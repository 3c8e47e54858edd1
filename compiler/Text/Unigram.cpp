// Either origin has its own idea of what a character without a piece costs: ten
// less than the worst piece, of the normal ones or of all.
#include "compiler/Text/Unigram.h"
#include "compiler/Text/ScoreMerges.h"

#include "compiler/Weights/Fail.h"
#include "llvm/ADT/StringMap.h"

#include <algorithm>
#include <cfloat>
#include <cmath>

using namespace llvm;
using weights::fail;

namespace text {

constexpr float unknownPenalty = 10;

Error addUnigramPieces(StringRef name, ArrayRef<Piece> pieces,
                       Tokenizer &tokenizer) {
  // SentencePiece's own bounds to begin with.
  float least = FLT_MAX, most = FLT_MIN;
  for (const Piece &piece : pieces) {
    if (!std::isfinite(piece.score))
      return fail("{}: the score of piece '{}' is not a number", name.str(),
                  piece.text.str());
    if (piece.type == Normal) {
      least = std::min(least, piece.score);
      most = std::max(most, piece.score);
    }
  }
  for (const Piece &piece : pieces) {
    int32_t id = tokenizer.texts.size();
    if (piece.type == Unused)
      tokenizer.texts.push_back(withSpaces(piece.text));
    else if (Error error = addPiece(name, piece, tokenizer))
      return error;
    double score = piece.score;
    if (piece.type == UserDefined && !piece.text.empty()) {
      // No cut is better than one with such a piece, and no rule changes it.
      score = double(piece.text.size() * most) - 0.1;
      tokenizer.added.back().flags = TC_ADDED_VERBATIM;
      tokenizer.words.push_back(id);
    }
    tokenizer.scores.push_back(score);
  }
  tokenizer.unknownScore = least - unknownPenalty;
  tokenizer.flags |= TC_TOKENIZER_UNIGRAM | TC_TOKENIZER_SINGLE_SUMS |
                     TC_TOKENIZER_FUSE_UNKNOWN;
  return Error::success();
}

namespace {

/// [piece, score]
Error readPair(StringRef name, const json::Value &value, StringRef &piece,
               double &score) {
  const json::Array *pair = value.getAsArray();
  std::optional<StringRef> text;
  std::optional<double> number;
  if (pair && pair->size() == 2) {
    text = (*pair)[0].getAsString();
    number = (*pair)[1].getAsNumber();
  }
  if (!text || !number || !std::isfinite(*number))
    return fail("{}: an entry of the unigram vocabulary is not a piece and "
                "its score",
                name.str());
  piece = *text;
  score = *number;
  return Error::success();
}

} // namespace

Error addUnigramModel(StringRef name, const json::Object &model,
                      Tokenizer &tokenizer) {
  const json::Array *vocab = model.getArray("vocab");
  if (!vocab || vocab->empty() || vocab->size() > size_t(maxIds))
    return fail("{}: the tokenizer model has no list 'vocab'", name.str());
  bool bytePieces = model.getBoolean("byte_fallback").value_or(false);
  double least = INFINITY;
  StringMap<int32_t> words; // of equal pieces the last holds
  for (const json::Value &value : *vocab) {
    StringRef piece;
    double score = 0;
    if (Error error = readPair(name, value, piece, score))
      return error;
    int32_t id = tokenizer.texts.size();
    std::optional<uint8_t> byte;
    if (bytePieces)
      byte = bytePiece(piece);
    if (byte)
      tokenizer.byteIds[*byte] = id;
    else if (!piece.empty() && !piece.contains(' '))
      words[piece] = id;
    tokenizer.texts.push_back(byte ? std::string(1, char(*byte))
                                   : withSpaces(piece));
    tokenizer.scores.push_back(score);
    least = std::min(least, score);
  }
  for (const auto &entry : words)
    tokenizer.words.push_back(entry.second);
  tokenizer.unknownScore = least - unknownPenalty;
  tokenizer.flags |= TC_TOKENIZER_UNIGRAM | TC_TOKENIZER_FUSE_UNKNOWN;
  if (const json::Value *unknown = model.get("unk_id");
      unknown && !unknown->getAsNull()) {
    std::optional<int64_t> id = unknown->getAsInteger();
    if (!id || *id < 0 || *id >= int64_t(vocab->size()))
      return fail("{}: unk_id: expected 0 to {}", name.str(),
                  vocab->size() - 1);
    tokenizer.unknown = int32_t(*id);
  }
  return Error::success();
}

} // namespace text
