// The normalizer of a tokenizer.json, a step at a time.
#ifndef COMPILER_TEXT_NORMALIZERS_H
#define COMPILER_TEXT_NORMALIZERS_H

#include "compiler/Text/Tokenizer.h"

#include "llvm/Support/JSON.h"

#include <optional>

namespace text {

/// What the other parts have to know of it.
struct Normalized {
  bool spaceSigned = false;     ///< U+2581 for spaces
  std::optional<bool> bertCase; ///< BertNormalizer, and whether it folds case
};

/// Fills in the tokenizer's rules and flags.
llvm::Error addNormalizer(llvm::StringRef name, llvm::StringRef type,
                          const llvm::json::Object &step, Tokenizer &tokenizer,
                          Normalized &normalized);

/// A pattern that is a string, not an expression.
bool isPlainPattern(const llvm::json::Object &step, llvm::StringRef text);

constexpr llvm::StringRef spaceSign = "\xE2\x96\x81"; // U+2581

} // namespace text

#endif // COMPILER_TEXT_NORMALIZERS_H
