// Vocabularies of pieces, as SentencePiece makes them and GGUF passes them on.
#ifndef COMPILER_TEXT_PIECES_H
#define COMPILER_TEXT_PIECES_H

#include "compiler/Text/Tokenizer.h"

namespace text {

enum PieceType : uint64_t {
  Normal = 1,
  Unknown,
  Control,
  UserDefined,
  Unused,
  Byte
};

struct Piece {
  llvm::StringRef text;
  float score = 0;
  uint64_t type = Normal;
};

/// The next id and what it stands for.
llvm::Error addPiece(llvm::StringRef name, const Piece &piece,
                     Tokenizer &tokenizer);

/// Ids, byte ids and merges by score of a byte-pair model.
llvm::Error addPieces(llvm::StringRef name, llvm::ArrayRef<Piece> pieces,
                      Tokenizer &tokenizer);

/// How SentencePiece treats spaces: whether it puts one first
/// (add_dummy_prefix), and drops those it can do without
/// (remove_extra_whitespaces).
void setSpaces(bool prefix, bool trim, Tokenizer &tokenizer);

} // namespace text

#endif // COMPILER_TEXT_PIECES_H
