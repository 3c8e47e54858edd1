// SentencePiece's tokenizer.model: a protocol buffer, of which few fields
// matter (sentencepiece_model.proto).
#include "compiler/Text/Pieces.h"
#include "compiler/Text/Rules.h"
#include "compiler/Text/Unigram.h"
#include "compiler/Text/WireReader.h"

#include "compiler/Weights/Fail.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using weights::fail;

namespace text {
namespace {

enum Type : uint64_t { Unigram = 1, Bpe };

/// Fields of ModelProto and what it holds, with the format's defaults.
struct Model {
  std::vector<Piece> pieces;
  uint64_t type = Unigram;
  int64_t unknown = 0, bos = 1, eos = 2;
  bool spacesBehind = false;
  StringRef rules; ///< of normalisation
  bool prefix = true, trimSpaces = true, escapeSpaces = true;
};

bool readPiece(StringRef bytes, Model &model) {
  Piece piece;
  WireReader reader(bytes);
  while (std::optional<WireField> field = reader.next())
    switch (field->number) {
    case 1:
      piece.text = field->bytes;
      break;
    case 2:
      piece.score = field->asFloat();
      break;
    case 3:
      piece.type = field->value;
      break;
    }
  model.pieces.push_back(piece);
  return reader.isDone();
}

bool readTrainer(StringRef bytes, Model &model) {
  WireReader reader(bytes);
  while (std::optional<WireField> field = reader.next())
    switch (field->number) {
    case 3:
      model.type = field->value;
      break;
    case 24:
      model.spacesBehind = field->value;
      break;
    case 40:
      model.unknown = int32_t(field->value);
      break;
    case 41:
      model.bos = int32_t(field->value);
      break;
    case 42:
      model.eos = int32_t(field->value);
      break;
    }
  return reader.isDone();
}

bool readNormalizer(StringRef bytes, Model &model) {
  WireReader reader(bytes);
  while (std::optional<WireField> field = reader.next())
    switch (field->number) {
    case 2:
      model.rules = field->bytes;
      break;
    case 3:
      model.prefix = field->value;
      break;
    case 4:
      model.trimSpaces = field->value;
      break;
    case 5:
      model.escapeSpaces = field->value;
      break;
    }
  return reader.isDone();
}

bool readModel(StringRef bytes, Model &model) {
  WireReader reader(bytes);
  while (std::optional<WireField> field = reader.next()) {
    bool fine = true;
    if (field->number == 1)
      fine = readPiece(field->bytes, model);
    else if (field->number == 2)
      fine = readTrainer(field->bytes, model);
    else if (field->number == 3)
      fine = readNormalizer(field->bytes, model);
    if (!fine || int64_t(model.pieces.size()) > maxIds)
      return false;
  }
  return reader.isDone() && !model.pieces.empty();
}

/// Everything that would make other ids than SentencePiece's is refused.
Error checkSupport(StringRef name, const Model &model) {
  static constexpr const char *types[] = {"", "unigram", "BPE", "word", "char"};
  if (model.type != Bpe && model.type != Unigram)
    return fail("{}: the SentencePiece model is of type {}, expected unigram "
                "or BPE",
                name.str(), model.type < 5 ? types[model.type] : "unknown");
  // There they are cut out of the text before it is normalised.
  if (model.type == Bpe && (!model.rules.empty() || model.trimSpaces) &&
      any_of(model.pieces,
             [](const Piece &piece) { return piece.type == UserDefined; }))
    return fail("{}: SentencePiece models of type BPE with user-defined pieces "
                "and normalisation are not supported",
                name.str());
  if (!model.escapeSpaces || model.spacesBehind)
    return fail(
        "{}: SentencePiece models with spaces unescaped or behind words "
        "are not supported",
        name.str());
  return Error::success();
}

/// The id, or -1 if there is no such piece.
int32_t known(int64_t id, const Model &model) {
  return id >= 0 && id < int64_t(model.pieces.size()) ? id : -1;
}

} // namespace

Expected<Tokenizer> readSentencePiece(StringRef name, StringRef content) {
  Model model;
  if (!readModel(content, model))
    return fail("{}: not a SentencePiece model, or cut short", name.str());
  if (Error error = checkSupport(name, model))
    return error;
  Tokenizer tokenizer;
  tokenizer.flags = TC_TOKENIZER_STRIP | TC_TOKENIZER_FUSE_UNKNOWN;
  bool unigram = model.type == Unigram;
  if (Error error = (unigram ? addUnigramPieces : addPieces)(name, model.pieces,
                                                             tokenizer))
    return error;
  if (Error error = addRules(name, model.rules, tokenizer))
    return error;
  setSpaces(model.prefix, model.trimSpaces, tokenizer);
  tokenizer.unknown = known(model.unknown, model);
  tokenizer.bos = known(model.bos, model);
  if (tokenizer.bos >= 0)
    tokenizer.opening = {tokenizer.bos};
  if (int32_t eos = known(model.eos, model); eos >= 0) {
    tokenizer.ends = {eos};
    // Models without a beginning, such as T5's, have an end.
    if (unigram && tokenizer.bos < 0)
      tokenizer.closing = {eos};
  }
  return tokenizer;
}

} // namespace text
