// SentencePiece's rules of normalisation, called a precompiled charsmap.
#ifndef COMPILER_TEXT_RULES_H
#define COMPILER_TEXT_RULES_H

#include "compiler/Text/Tokenizer.h"

namespace text {

/// Fills in the rules; an empty charsmap has none. Errors begin with `name`.
llvm::Error addRules(llvm::StringRef name, llvm::StringRef charsmap,
                     Tokenizer &tokenizer);

} // namespace text

#endif // COMPILER_TEXT_RULES_H
