// Reads and writes numbers independently of the locale.
#include "compiler/Spec/Numbers.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Error.h"

#include <charconv>
#include <cmath>
#include <limits>

using namespace llvm;

namespace spec {

static bool takeDigits(StringRef &text) {
  size_t before = text.size();
  text = text.drop_while(isDigit);
  return text.size() != before;
}

/// No leading zero: 010 is eight to some readers.
static bool takeWhole(StringRef &text) {
  bool zero = text.starts_with("0");
  StringRef rest = text;
  if (!takeDigits(rest) || (zero && text.size() - rest.size() > 1))
    return false;
  text = rest;
  return true;
}

std::optional<int64_t> readWhole(StringRef text) {
  StringRef digits = text;
  bool negative = digits.consume_front("-");
  StringRef rest = digits;
  if (!takeWhole(rest) || !rest.empty())
    return std::nullopt;
  int64_t value;
  if (text.getAsInteger(10, value))
    return negative ? std::numeric_limits<int64_t>::min()
                    : std::numeric_limits<int64_t>::max();
  return value;
}

std::optional<double> readReal(StringRef text) {
  StringRef rest = text;
  rest.consume_front("-");
  if (!takeWhole(rest))
    return std::nullopt;
  if (rest.consume_front(".") && !takeDigits(rest))
    return std::nullopt;
  if (rest.consume_front("e") || rest.consume_front("E")) {
    if (!rest.consume_front("-"))
      rest.consume_front("+");
    if (!takeDigits(rest))
      return std::nullopt;
  }
  if (!rest.empty())
    return std::nullopt;
  APFloat value(APFloat::IEEEdouble());
  if (errorToBool(value.convertFromString(text, APFloat::rmNearestTiesToEven)
                      .takeError()))
    return std::nullopt;
  return value.convertToDouble();
}

std::string writeReal(double value) {
  char buffer[400];
  double size = std::fabs(value);
  bool plain =
      !std::isfinite(value) || value == 0 || (size >= 1e-4 && size < 1e15);
  auto end = std::to_chars(buffer, std::end(buffer), value,
                           plain ? std::chars_format::fixed
                                 : std::chars_format::scientific)
                 .ptr;
  StringRef text(buffer, end - buffer);
  if (plain)
    return text.str();
  // 1e-05 is no float to a reader of YAML 1.1.
  auto [mantissa, exponent] = text.split('e');
  StringRef sign = exponent.take_front();
  return (mantissa + (mantissa.contains('.') ? "" : ".0") + "e" + sign +
          exponent.drop_front().ltrim('0'))
      .str();
}

} // namespace spec
