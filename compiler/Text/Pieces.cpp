// What a piece stands for goes by its type.
#include "compiler/Text/Pieces.h"
#include "compiler/Text/ScoreMerges.h"

#include "compiler/Weights/Fail.h"

using namespace llvm;
using weights::fail;

namespace text {

Error addPiece(StringRef name, const Piece &piece, Tokenizer &tokenizer) {
  int32_t id = tokenizer.texts.size();
  std::string &text = tokenizer.texts.emplace_back();
  switch (piece.type) {
  case Normal:
    text = withSpaces(piece.text);
    if (!text.empty())
      tokenizer.words.push_back(id);
    return Error::success();
  case UserDefined:
    text = withSpaces(piece.text);
    if (!text.empty())
      tokenizer.added.push_back({id, 0});
    return Error::success();
  case Unknown:
    text = " \xE2\x81\x87 "; // as SentencePiece shows it
    return Error::success();
  case Control:
    return Error::success();
  case Byte:
    if (std::optional<uint8_t> byte = bytePiece(piece.text)) {
      text = std::string(1, char(*byte));
      tokenizer.byteIds[*byte] = id;
      return Error::success();
    }
    return fail("{}: piece '{}' does not name a byte", name.str(),
                piece.text.str());
  default:
    return fail("{}: piece '{}' is of type {}, which is not supported",
                name.str(), piece.text.str(),
                piece.type == Unused ? "unused" : "unknown");
  }
}

Error addPieces(StringRef name, ArrayRef<Piece> pieces, Tokenizer &tokenizer) {
  std::vector<float> scores;
  for (const Piece &piece : pieces) {
    if (Error error = addPiece(name, piece, tokenizer))
      return error;
    scores.push_back(piece.score);
  }
  return addMergesByScore(name, scores, tokenizer);
}

void setSpaces(bool prefix, bool trim, Tokenizer &tokenizer) {
  if (trim)
    tokenizer.flags |= TC_TOKENIZER_TRIM_LEFT | TC_TOKENIZER_TRIM_RIGHT |
                       TC_TOKENIZER_ONE_SPACE;
  // Of what is trimmed nothing may be left.
  tokenizer.prefix = !prefix ? TC_PREFIX_NONE
                     : trim  ? TC_PREFIX_FIRST
                             : TC_PREFIX_TEXT;
}

} // namespace text
