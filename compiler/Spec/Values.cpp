// Reads numbers, flags, words and names, and says what was expected instead.
#include "compiler/Spec/Values.h"
#include "compiler/Spec/Numbers.h"

#include "llvm/ADT/StringExtras.h"

#include <cmath>

using namespace llvm;

namespace spec {

std::string sizeFault(int64_t value) {
  if (value >= 1 && value <= mostSize)
    return "";
  return "must be from 1 to " + std::to_string(mostSize);
}

std::string realFault(double value, Reals range) {
  if (!std::isfinite(value))
    return "must be finite";
  if (range == Reals::Positive && value <= 0)
    return "must be positive";
  if (range == Reals::NotNegative && value < 0)
    return "must not be negative";
  return "";
}

bool isName(StringRef text) {
  return !text.empty() && text.size() <= 64 && isAlpha(text[0]) &&
         all_of(text, [](char c) { return isAlnum(c) || c == '_'; });
}

bool ValueReader::mistaken(StringRef name, const Twine &wanted,
                           const Node &node) {
  diagnostics.error(node.place,
                    "'" + name + "' takes " + wanted + ", not " +
                        (node.kind == Node::Kind::Text ? "the text " : "") +
                        node.describe());
  return false;
}

bool ValueReader::size(StringRef name, const Node &node, int64_t &value) {
  std::optional<int64_t> number;
  if (node.kind == Node::Kind::Word)
    number = readWhole(node.text);
  if (!number)
    return mistaken(name, "a whole number", node);
  if (std::string fault = sizeFault(*number); !fault.empty()) {
    diagnostics.error(node.place,
                      "'" + name + "' " + fault + ", not " + node.text);
    return false;
  }
  value = *number;
  return true;
}

bool ValueReader::token(StringRef name, const Node &node,
                        std::optional<int64_t> &value) {
  std::optional<int64_t> number;
  if (node.kind == Node::Kind::Word)
    number = readWhole(node.text);
  if (!number || *number < 0 || *number > mostSize)
    return mistaken(name, "the number of a token", node);
  value = number;
  return true;
}

bool ValueReader::real(StringRef name, const Node &node, Reals range,
                       double &value) {
  std::optional<double> number;
  if (node.kind == Node::Kind::Word)
    number = readReal(node.text);
  if (!number)
    return mistaken(name, "a number such as 12 or 1.0e-5", node);
  if (std::string fault = realFault(*number, range); !fault.empty()) {
    diagnostics.error(node.place,
                      "'" + name + "' " + fault + ", not " + node.text);
    return false;
  }
  value = *number;
  return true;
}

bool ValueReader::flag(StringRef name, const Node &node, bool &value) {
  bool isTrue = node.text == "true";
  if (node.kind != Node::Kind::Word || (!isTrue && node.text != "false"))
    return mistaken(name, "true or false", node);
  value = isTrue;
  return true;
}

bool ValueReader::word(StringRef name, StringRef where, const Node &node,
                       Words words, unsigned &index) {
  if (!node.isScalar())
    return mistaken(name, listWords(words, "or"), node);
  return word(name, where, node.text, node.place, words, index);
}

bool ValueReader::word(StringRef name, StringRef where, StringRef text,
                       Place place, Words words, unsigned &index) {
  size_t found = llvm::find(words, text) - words.begin();
  if (found != words.size()) {
    index = found;
    return true;
  }
  if (isPlanned(where, text))
    diagnostics.error(place, "'" + name + ": " + text +
                                 "' is not supported yet; it takes " +
                                 listWords(words, "or"));
  else
    diagnostics.error(place, "'" + name + "' takes " + listWords(words, "or") +
                                 ", not '" + text + "'" +
                                 didYouMean(text, words));
  return false;
}

bool ValueReader::name(StringRef name, const Node &node, std::string &value) {
  if (!node.isScalar() || !isName(node.text))
    return mistaken(name,
                    "a name of at most 64 letters, digits and underscores, a "
                    "letter first",
                    node);
  value = node.text;
  return true;
}

} // namespace spec
