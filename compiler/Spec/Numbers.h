// Numbers as the language writes them: 12, 1.0e-5.
#ifndef COMPILER_SPEC_NUMBERS_H
#define COMPILER_SPEC_NUMBERS_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>
#include <string>

namespace spec {

/// Decimal digits with an optional sign; saturates, so that a number out of
/// range is still a number.
std::optional<int64_t> readWhole(llvm::StringRef text);

/// JSON's grammar; infinite when it is too large for a double.
std::optional<double> readReal(llvm::StringRef text);

/// The shortest text that reads back as the same value.
std::string writeReal(double value);

} // namespace spec

#endif // COMPILER_SPEC_NUMBERS_H
