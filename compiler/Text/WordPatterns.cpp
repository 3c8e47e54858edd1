// One row a pattern; a pattern that files spell in two ways has two.
#include "compiler/Text/WordPatterns.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/ConvertUTF.h"

using namespace llvm;

namespace text {

#define CONTRACTIONS R"('s|'t|'re|'ve|'m|'ll|'d)"
#define ENDING R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"
#define GPT2                                                                   \
  CONTRACTIONS R"(| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)"
#define CASED_HEAD                                                             \
  R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)"
#define CASED_TAIL                                                             \
  R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)"
#define SLASHES R"(| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)"
#define HIGHER_SCRIPTS "[\u4E00-\u9FA5\u0800-\u4E00\uAC00-\uD7FF]+"
#define DEEPSEEK_SIGNS                                                         \
  R"(\s?[!-/:-~)"                                                              \
  "\uFF01-\uFF0F\uFF1A-\uFF5E\u2018-\u201F\u3000-\u3002]+"
#define PUNCTUATION R"([\p{P}$+<=>^~|`]+)"

const StringRef gpt2Expression = GPT2;
const StringRef punctuationExpression = PUNCTUATION;

namespace {

/// Stands for the expression of DeepSeek's letters, which is long.
constexpr StringRef deepseekLetters = "letters";

struct KnownPattern {
  uint32_t pattern;
  StringRef expressions[6];
};
constexpr KnownPattern knownPatterns[] = {
    {TC_PATTERN_GPT2, {GPT2}},
    {TC_PATTERN_DIGITS, {R"(\p{N})", GPT2}},
    {TC_PATTERN_CL100K,
     {"(?i:" CONTRACTIONS R"()|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|)" ENDING}},
    {TC_PATTERN_QWEN2,
     {"(?i:" CONTRACTIONS R"()|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|)" ENDING}},
    {TC_PATTERN_O200K,
     {CASED_HEAD "(?i:" CONTRACTIONS ")?|" CASED_TAIL "(?i:" CONTRACTIONS
                 R"()?|\p{N}{1,3})" SLASHES}},
    {TC_PATTERN_TEKKEN, {CASED_HEAD "|" CASED_TAIL R"(|\p{N})" SLASHES}},
    {TC_PATTERN_FALCON,
     {PUNCTUATION, GPT2, R"(bytes \p{N}+)", "bytes [0-9][0-9][0-9]"}},
    {TC_PATTERN_BLOOM,
     {" ?[^(\\s|[.,!?\u2026\u3002\uFF0C\u3001\u0964\u06D4\u060C])]+"}},
    {TC_PATTERN_DEEPSEEK_CODER,
     {"[\r\n]", R"(\s?\p{L}+)", R"(\s?\p{P}+)", HIGHER_SCRIPTS, R"(\p{N})"}},
    {TC_PATTERN_DEEPSEEK_LLM,
     {"[\r\n]", deepseekLetters, DEEPSEEK_SIGNS, R"(\s+$)", HIGHER_SCRIPTS,
      R"(\p{N}+)"}},
    {TC_PATTERN_DEEPSEEK_V2,
     {"[\r\n]", deepseekLetters, DEEPSEEK_SIGNS, R"(\s+$)", HIGHER_SCRIPTS,
      R"(\p{N})"}},
    {TC_PATTERN_DEEPSEEK_V3,
     {R"(\p{N}{1,3})", "[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+",
      R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|)"
      "[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|"
      "\\s*[\r\n]+|\\s+(?!\\S)|\\s+"}},
};

/// Letters of scripts with capitals, as DeepSeek's expression lists them.
constexpr uint32_t deepseekRanges[][2] = {
    {0x41, 0x5A},       {0x61, 0x7A},       {0xB5, 0xB5},
    {0xC0, 0xD6},       {0xD8, 0xF6},       {0xF8, 0x1BA},
    {0x1BC, 0x1BF},     {0x1C4, 0x293},     {0x295, 0x2AF},
    {0x370, 0x373},     {0x376, 0x376},     {0x377, 0x377},
    {0x37B, 0x37D},     {0x37F, 0x37F},     {0x386, 0x386},
    {0x388, 0x38A},     {0x38C, 0x38C},     {0x38E, 0x3A1},
    {0x3A3, 0x3F5},     {0x3F7, 0x481},     {0x48A, 0x52F},
    {0x531, 0x556},     {0x10A0, 0x10C5},   {0x13A0, 0x13F5},
    {0x13F8, 0x13FD},   {0x1C90, 0x1CBA},   {0x1CBD, 0x1CBF},
    {0x1D00, 0x1D2B},   {0x1D6B, 0x1D77},   {0x1D79, 0x1D9A},
    {0x1E00, 0x1F15},   {0x1F18, 0x1F1D},   {0x1F20, 0x1F45},
    {0x1F48, 0x1F4D},   {0x1F50, 0x1F57},   {0x1F59, 0x1F59},
    {0x1F5B, 0x1F5B},   {0x1F5D, 0x1F5D},   {0x1F5F, 0x1F7D},
    {0x1F80, 0x1FB4},   {0x1FB6, 0x1FBC},   {0x1FBE, 0x1FBE},
    {0x1FC2, 0x1FC4},   {0x1FC6, 0x1FCC},   {0x1FD0, 0x1FD3},
    {0x1FD6, 0x1FDB},   {0x1FE0, 0x1FEC},   {0x1FF2, 0x1FF4},
    {0x1FF6, 0x1FFC},   {0x2102, 0x2102},   {0x2107, 0x2107},
    {0x210A, 0x2113},   {0x2115, 0x2115},   {0x2119, 0x211D},
    {0x2124, 0x2124},   {0x2126, 0x2126},   {0x2128, 0x2128},
    {0x212A, 0x212D},   {0x212F, 0x2134},   {0x2139, 0x2139},
    {0x213C, 0x213F},   {0x2145, 0x2149},   {0x214E, 0x214E},
    {0x2183, 0x2183},   {0x2184, 0x2184},   {0x2C00, 0x2C7B},
    {0x2C7E, 0x2CE4},   {0x2CEB, 0x2CEE},   {0x2CF2, 0x2CF2},
    {0x2CF3, 0x2CF3},   {0xA640, 0xA66D},   {0xA680, 0xA69B},
    {0xA722, 0xA76F},   {0xA771, 0xA787},   {0xA78B, 0xA78E},
    {0xAB70, 0xABBF},   {0xFB00, 0xFB06},   {0xFB13, 0xFB17},
    {0xFF21, 0xFF3A},   {0xFF41, 0xFF5A},   {0x10400, 0x1044F},
    {0x104B0, 0x104D3}, {0x104D8, 0x104FB}, {0x10C80, 0x10CB2},
    {0x10CC0, 0x10CF2}, {0x118A0, 0x118DF}, {0x1E900, 0x1E943}};

/// The expression \s?[A-Za-z...]+ of these ranges.
std::string spellDeepseekLetters() {
  std::string spelt = "\\s?[";
  auto add = [&](uint32_t character) {
    char buffer[4], *end = buffer;
    ConvertCodePointToUTF8(character, end);
    spelt.append(buffer, end);
  };
  for (auto [first, last] : deepseekRanges) {
    add(first);
    if (last == first)
      continue;
    spelt += '-';
    add(last);
  }
  return spelt + "]+";
}

std::vector<tc_blob_range> deepseekClasses() {
  std::vector<tc_blob_range> classes;
  for (auto [first, last] : deepseekRanges)
    if (first >= 0x80)
      classes.push_back({first, last, TC_CLASS_LETTER});
  for (tc_blob_range range : characterClasses({}))
    if (range.value == TC_CLASS_NUMBER)
      classes.push_back(range);
  llvm::sort(classes, [](const tc_blob_range &a, const tc_blob_range &b) {
    return a.first < b.first;
  });
  return classes;
}

} // namespace

std::optional<uint32_t> findPattern(ArrayRef<std::string> expressions) {
  for (const KnownPattern &known : knownPatterns) {
    size_t count = 0;
    while (count < std::size(known.expressions) &&
           !known.expressions[count].empty())
      ++count;
    auto same = [](const std::string &one, StringRef other) {
      return one == other ||
             (other == deepseekLetters && one == spellDeepseekLetters());
    };
    if (count == expressions.size() &&
        std::equal(expressions.begin(), expressions.end(), known.expressions,
                   same))
      return known.pattern;
  }
  return std::nullopt;
}

bool matchesAll(uint32_t pattern) {
  return pattern == TC_PATTERN_GPT2 || pattern == TC_PATTERN_CL100K ||
         pattern == TC_PATTERN_QWEN2 || pattern == TC_PATTERN_O200K ||
         pattern == TC_PATTERN_TEKKEN;
}

std::vector<tc_blob_range> classesFor(uint32_t pattern) {
  switch (pattern) {
  case TC_PATTERN_WHOLE:
  case TC_PATTERN_SPACES:
  case TC_PATTERN_BLOOM:
    return {};
  case TC_PATTERN_BERT:
    return loneCharacters();
  case TC_PATTERN_O200K:
  case TC_PATTERN_TEKKEN:
    return characterClasses({.cased = true, .marks = true});
  case TC_PATTERN_FALCON:
  case TC_PATTERN_DEEPSEEK_CODER:
    return characterClasses({.signs = true});
  case TC_PATTERN_DEEPSEEK_V3:
    return characterClasses({.marks = true, .signs = true});
  case TC_PATTERN_DEEPSEEK_LLM:
  case TC_PATTERN_DEEPSEEK_V2:
    return deepseekClasses();
  default:
    return characterClasses({});
  }
}

} // namespace text
