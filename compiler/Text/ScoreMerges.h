// What SentencePiece's and llama2.c's vocabularies have in common: pieces with
// scores in place of a list of merges, and pieces that stand for bytes.
#ifndef COMPILER_TEXT_SCOREMERGES_H
#define COMPILER_TEXT_SCOREMERGES_H

#include "compiler/Text/Tokenizer.h"

#include <optional>

namespace text {

/// The byte that a piece like <0x0A> stands for.
std::optional<uint8_t> bytePiece(llvm::StringRef piece);

/// Replaces the sign that stands for a space, U+2581.
std::string withSpaces(llvm::StringRef piece);

/// Any two neighbours merge whose text together is a word, the best score
/// first: adds all such pairs of words as merges. `scores` is by id. Refuses
/// words of absurd length, whose pairs would take forever to find.
llvm::Error addMergesByScore(llvm::StringRef name, llvm::ArrayRef<float> scores,
                             Tokenizer &tokenizer);

} // namespace text

#endif // COMPILER_TEXT_SCOREMERGES_H
