// The word patterns that the runtime knows, as files spell them.
#ifndef COMPILER_TEXT_WORDPATTERNS_H
#define COMPILER_TEXT_WORDPATTERNS_H

#include "compiler/Text/UnicodeTables.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>

namespace text {

/// GPT-2's expression, which a ByteLevel step stands for.
extern const llvm::StringRef gpt2Expression;
/// All punctuation, and what else ASCII has of signs.
extern const llvm::StringRef punctuationExpression;

/// The pattern TC_PATTERN_* that cuts by these expressions, one after another;
/// those that cut GPT-2's characters for bytes begin with "bytes ".
std::optional<uint32_t> findPattern(llvm::ArrayRef<std::string> expressions);

/// Whether the pattern leaves nothing between its matches.
bool matchesAll(uint32_t pattern);

/// What the pattern has to know of characters beyond ASCII.
std::vector<tc_blob_range> classesFor(uint32_t pattern);

} // namespace text

#endif // COMPILER_TEXT_WORDPATTERNS_H
