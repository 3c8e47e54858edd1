// GPT-2's spelling of bytes: its vocabulary files hold characters only, so each
// byte has a printable character.
#ifndef COMPILER_TEXT_BYTELEVEL_H
#define COMPILER_TEXT_BYTELEVEL_H

#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>

namespace text {

/// The bytes that a token spells; none if it isn't spelt so.
std::optional<std::string> spelledBytes(llvm::StringRef token);

} // namespace text

#endif // COMPILER_TEXT_BYTELEVEL_H
