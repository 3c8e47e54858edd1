// llama2.c's tokenizer.bin: the length of the longest piece, then for each id
// its score, its length and its text, spaces as spaces. The program's own
// conventions: 0 is unknown, 1 begins a text, either 1 or 2 ends it.
#include "compiler/Text/ScoreMerges.h"
#include "compiler/Text/Tokenizer.h"

#include "compiler/Weights/Fail.h"
#include "llvm/Support/Endian.h"

using namespace llvm;
using weights::fail;

namespace text {
namespace {

struct Piece {
  float score;
  StringRef text;
};

/// False if the content is anything but pieces up to its last byte.
bool readPieces(StringRef content, std::vector<Piece> &pieces) {
  if (content.size() < 4)
    return false;
  uint32_t longest = support::endian::read32le(content.data());
  for (content = content.drop_front(4); !content.empty();) {
    if (content.size() < 8)
      return false;
    float score =
        support::endian::read<float>(content.data(), llvm::endianness::little);
    uint32_t bytes = support::endian::read32le(content.data() + 4);
    content = content.drop_front(8);
    if (bytes > longest || bytes > content.size() ||
        int64_t(pieces.size()) == maxIds)
      return false;
    pieces.push_back({score, content.take_front(bytes)});
    content = content.drop_front(bytes);
  }
  return pieces.size() > 2;
}

} // namespace

bool isLlama2c(StringRef content) {
  std::vector<Piece> pieces;
  return readPieces(content, pieces);
}

Expected<Tokenizer> readLlama2c(StringRef name, StringRef content) {
  std::vector<Piece> pieces;
  if (!readPieces(content, pieces))
    return fail("{}: not a llama2.c tokenizer", name.str());
  Tokenizer tokenizer;
  std::vector<float> scores;
  for (size_t id = 0; id < pieces.size(); ++id) {
    StringRef piece = pieces[id].text;
    scores.push_back(pieces[id].score);
    std::optional<uint8_t> byte = bytePiece(piece);
    if (byte && tokenizer.byteIds[*byte] < 0) {
      tokenizer.byteIds[*byte] = id;
      tokenizer.texts.push_back(std::string(1, char(*byte)));
      continue;
    }
    tokenizer.texts.push_back(id == 1 || id == 2 ? std::string() : piece.str());
    if (id > 2 && !piece.empty())
      tokenizer.words.push_back(id);
  }
  if (Error error = addMergesByScore(name, scores, tokenizer))
    return error;
  tokenizer.prefix = TC_PREFIX_TEXT;
  tokenizer.flags = TC_TOKENIZER_STRIP;
  tokenizer.unknown = 0;
  tokenizer.bos = 1;
  tokenizer.opening = {1};
  tokenizer.ends = {2, 1};
  return tokenizer;
}

} // namespace text
