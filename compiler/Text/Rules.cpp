// A charsmap is the number of bytes of a double array, the array, and texts
// that it points to, each with a zero behind it. The runtime reads it as it is,
// as a list of its rules would be ten times as large.
#include "compiler/Text/Rules.h"

#include "compiler/Weights/Fail.h"
#include "llvm/Support/Endian.h"

using namespace llvm;

namespace text {

Error addRules(StringRef name, StringRef charsmap, Tokenizer &tokenizer) {
  if (charsmap.empty())
    return Error::success();
  uint32_t bytes =
      charsmap.size() < 4 ? 0 : support::endian::read32le(charsmap.data());
  StringRef units = charsmap.drop_front(std::min<size_t>(4, charsmap.size()));
  if (bytes == 0 || bytes % 4 || bytes >= units.size() || charsmap.back() != 0)
    return weights::fail("{}: the rules of normalisation (precompiled "
                         "charsmap) are damaged",
                         name.str());
  for (size_t at = 0; at < bytes; at += 4)
    tokenizer.rules.push_back(support::endian::read32le(units.data() + at));
  tokenizer.ruleText = units.substr(bytes).str();
  return Error::success();
}

} // namespace text
