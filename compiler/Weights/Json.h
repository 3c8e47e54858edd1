// JSON from files that nobody vouches for: llvm::json::parse alone overflows
// the stack on deep nesting and keeps the last of two equal keys.
#ifndef COMPILER_WEIGHTS_JSON_H
#define COMPILER_WEIGHTS_JSON_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

namespace weights {

/// Parses `text`, refusing nesting deeper than 64, more than four million
/// values and repeated keys. Errors begin with `file`.
llvm::Expected<llvm::json::Value> parseJson(llvm::StringRef text,
                                            llvm::StringRef file);

} // namespace weights

#endif // COMPILER_WEIGHTS_JSON_H
