// Unigram models: every piece has a score, and a text is cut where their sum is
// largest.
#ifndef COMPILER_TEXT_UNIGRAM_H
#define COMPILER_TEXT_UNIGRAM_H

#include "compiler/Text/Pieces.h"

#include "llvm/Support/JSON.h"

namespace text {

/// The pieces of a SentencePiece model, whose sums are of single precision.
llvm::Error addUnigramPieces(llvm::StringRef name, llvm::ArrayRef<Piece> pieces,
                             Tokenizer &tokenizer);

/// The model of a tokenizer.json: a list of pairs of piece and score.
llvm::Error addUnigramModel(llvm::StringRef name,
                            const llvm::json::Object &model,
                            Tokenizer &tokenizer);

} // namespace text

#endif // COMPILER_TEXT_UNIGRAM_H
