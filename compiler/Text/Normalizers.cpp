// The runtime has one order of steps: rules, normal form C, folding, spaces. A
// normalizer of another order is refused.
#include "compiler/Text/Normalizers.h"
#include "compiler/Text/Rules.h"

#include "compiler/Weights/Fail.h"
#include "llvm/Support/Base64.h"

using namespace llvm;
using weights::fail;

namespace text {
namespace {

constexpr uint32_t trims =
    TC_TOKENIZER_TRIM_LEFT | TC_TOKENIZER_TRIM_RIGHT | TC_TOKENIZER_ONE_SPACE;

Error unsupported(StringRef name, StringRef what) {
  return fail("{}: normalizer {} is not supported", name.str(), what.str());
}

Error precompiled(StringRef name, const json::Object &step,
                  Tokenizer &tokenizer) {
  if (tokenizer.flags & (trims | TC_TOKENIZER_NFC) || !tokenizer.rules.empty())
    return unsupported(name, "Precompiled behind another");
  std::vector<char> charsmap;
  if (Error error = decodeBase64(
          step.getString("precompiled_charsmap").value_or(""), charsmap)) {
    consumeError(std::move(error));
    return fail("{}: normalizer Precompiled: the charsmap is not base64",
                name.str());
  }
  return addRules(name, StringRef(charsmap.data(), charsmap.size()), tokenizer);
}

/// Without a word of its own, accents go with capitals.
Error bert(StringRef name, const json::Object &step, Normalized &normalized) {
  bool lower = step.getBoolean("lowercase").value_or(true);
  if (!step.getBoolean("clean_text").value_or(true) ||
      !step.getBoolean("handle_chinese_chars").value_or(true) ||
      step.getBoolean("strip_accents").value_or(lower) != lower)
    return unsupported(name, "BertNormalizer of this kind");
  normalized.bertCase = lower;
  return Error::success();
}

/// SentencePiece's rules leave no white space but spaces.
Error strip(StringRef name, const json::Object &step, Tokenizer &tokenizer) {
  if (tokenizer.rules.empty())
    return unsupported(name, "Strip without Precompiled");
  if (step.getBoolean("strip_left").value_or(true))
    tokenizer.flags |= TC_TOKENIZER_TRIM_LEFT;
  if (step.getBoolean("strip_right").value_or(true))
    tokenizer.flags |= TC_TOKENIZER_TRIM_RIGHT;
  return Error::success();
}

bool replacesRuns(const json::Object &step) {
  const json::Object *pattern = step.getObject("pattern");
  std::optional<StringRef> content = step.getString("content");
  return pattern && pattern->getString("Regex") == " {2,}" &&
         (content == " " || content == spaceSign);
}

} // namespace

bool isPlainPattern(const json::Object &step, StringRef text) {
  const json::Object *pattern = step.getObject("pattern");
  return pattern && pattern->getString("String") == text;
}

Error addNormalizer(StringRef name, StringRef type, const json::Object &step,
                    Tokenizer &tokenizer, Normalized &normalized) {
  if (type == "BertNormalizer")
    return bert(name, step, normalized);
  if (type == "Precompiled")
    return precompiled(name, step, tokenizer);
  if (type == "Strip")
    return strip(name, step, tokenizer);
  if (type == "NFC" && !(tokenizer.flags & trims)) {
    tokenizer.flags |= TC_TOKENIZER_NFC;
    return Error::success();
  }
  if (type == "Prepend" && step.getString("prepend") == spaceSign) {
    tokenizer.prefix = TC_PREFIX_SECTIONS;
    return Error::success();
  }
  if (type == "Replace" && isPlainPattern(step, " ") &&
      step.getString("content") == spaceSign) {
    normalized.spaceSigned = true;
    return Error::success();
  }
  if (type == "Replace" && replacesRuns(step)) {
    tokenizer.flags |= TC_TOKENIZER_ONE_SPACE;
    return Error::success();
  }
  return unsupported(name, type);
}

} // namespace text
