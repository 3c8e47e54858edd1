// The tables come from utf8proc, so that made programs need no Unicode library.
#include "compiler/Text/UnicodeTables.h"

#include <algorithm>
#include <tuple>
#include <utf8proc.h>

namespace text {
namespace {

constexpr int32_t firstBeyondAscii = 0x80, lastCharacter = 0x10FFFF;
constexpr int32_t firstHangul = 0xAC00, lastHangul = 0xD7A3;

uint32_t classOf(int32_t character, Distinctions apart) {
  auto category = utf8proc_category(character);
  bool cased = apart.cased;
  if (apart.signs && category >= UTF8PROC_CATEGORY_PC &&
      category <= UTF8PROC_CATEGORY_PO)
    return TC_CLASS_PUNCTUATION;
  if (apart.signs && category >= UTF8PROC_CATEGORY_SM &&
      category <= UTF8PROC_CATEGORY_SO)
    return TC_CLASS_SIGN;
  switch (category) {
  case UTF8PROC_CATEGORY_LU:
  case UTF8PROC_CATEGORY_LT:
    return cased ? TC_CLASS_UPPER : TC_CLASS_LETTER;
  case UTF8PROC_CATEGORY_LL:
    return cased ? TC_CLASS_LOWER : TC_CLASS_LETTER;
  case UTF8PROC_CATEGORY_LM:
  case UTF8PROC_CATEGORY_LO:
    return TC_CLASS_LETTER;
  case UTF8PROC_CATEGORY_MN:
  case UTF8PROC_CATEGORY_MC:
  case UTF8PROC_CATEGORY_ME:
    return apart.marks ? TC_CLASS_MARK : TC_CLASS_OTHER;
  case UTF8PROC_CATEGORY_ND:
  case UTF8PROC_CATEGORY_NL:
  case UTF8PROC_CATEGORY_NO:
    return TC_CLASS_NUMBER;
  default:
    return TC_CLASS_OTHER;
  }
}

/// Ranges of equal values; zero is left out.
template <typename Value> std::vector<tc_blob_range> ranges(Value valueOf) {
  std::vector<tc_blob_range> result;
  for (int32_t c = firstBeyondAscii; c <= lastCharacter; ++c) {
    uint32_t value = valueOf(c);
    if (value == 0)
      continue;
    if (!result.empty() && result.back().value == value &&
        result.back().last + 1 == uint32_t(c))
      ++result.back().last;
    else
      result.push_back({uint32_t(c), uint32_t(c), value});
  }
  return result;
}

/// Writes the canonical decomposition; returns its length, at most 4.
int decompose(int32_t character, int32_t (&to)[4]) {
  int boundary = 0;
  return utf8proc_decompose_char(
      character, to, 4, utf8proc_option_t(UTF8PROC_DECOMPOSE | UTF8PROC_STABLE),
      &boundary);
}

/// The two characters that `whole`, which decomposes, is composed of in normal
/// form C, if it is: composing its decomposition gives it back, and all but the
/// last of that composes to the first.
bool composition(int32_t whole, const int32_t *parts, int length,
                 tc_blob_composition &result) {
  if (length < 2)
    return false;
  const auto options = utf8proc_option_t(UTF8PROC_COMPOSE | UTF8PROC_STABLE);
  int32_t all[4], head[4];
  std::copy_n(parts, length, all);
  std::copy_n(parts, length - 1, head);
  if (utf8proc_normalize_utf32(all, length, options) != 1 || all[0] != whole ||
      utf8proc_normalize_utf32(head, length - 1, options) != 1)
    return false;
  result = {uint32_t(head[0]), uint32_t(parts[length - 1]), uint32_t(whole)};
  return true;
}

} // namespace

std::vector<tc_blob_range> characterClasses(Distinctions distinctions) {
  return ranges([&](int32_t c) { return classOf(c, distinctions); });
}

Normalization normalization() {
  Normalization tables;
  tables.combining = ranges([](int32_t c) {
    return uint32_t(utf8proc_get_property(c)->combining_class);
  });
  for (int32_t c = firstBeyondAscii; c <= lastCharacter; ++c) {
    if (c >= firstHangul && c <= lastHangul)
      continue; // by arithmetic
    int32_t parts[4] = {};
    int length = decompose(c, parts);
    if (length < 1 || length > 4 || (length == 1 && parts[0] == c))
      continue;
    tc_blob_decomposition decomposition = {uint32_t(c), {}};
    std::copy_n(parts, length, decomposition.to);
    tables.decompositions.push_back(decomposition);
    tc_blob_composition composed;
    if (composition(c, parts, length, composed))
      tables.compositions.push_back(composed);
  }
  std::sort(tables.compositions.begin(), tables.compositions.end(),
            [](const auto &a, const auto &b) {
              return std::tie(a.first, a.second) < std::tie(b.first, b.second);
            });
  return tables;
}

static bool isIdeograph(int32_t c) {
  constexpr std::pair<int32_t, int32_t> blocks[] = {
      {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xF900, 0xFAFF},
      {0x20000, 0x2A6DF}, {0x2A700, 0x2B73F}, {0x2B740, 0x2B81F},
      {0x2B820, 0x2CEAF}, {0x2F800, 0x2FA1F}};
  return std::any_of(std::begin(blocks), std::end(blocks), [&](auto block) {
    return c >= block.first && c <= block.second;
  });
}

std::vector<tc_blob_range> loneCharacters() {
  return ranges([](int32_t c) {
    int category = utf8proc_category(c);
    bool sign =
        category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_PO;
    return sign || isIdeograph(c) ? uint32_t(TC_CLASS_ALONE) : 0;
  });
}

/// White space among control characters stays.
static bool vanishes(int32_t c, bool foldsCase) {
  if (c == '\t' || c == '\n' || c == '\r')
    return false;
  int category = utf8proc_category(c);
  return category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CF ||
         category == UTF8PROC_CATEGORY_CO || c == 0xFFFD ||
         (foldsCase && category == UTF8PROC_CATEGORY_MN);
}

std::vector<tc_blob_decomposition> folding(bool foldsCase) {
  std::vector<tc_blob_decomposition> table;
  for (int32_t c = 0; c <= lastCharacter; ++c) {
    if (c >= firstHangul && c <= lastHangul)
      continue; // by arithmetic
    int32_t parts[4] = {c};
    int length = foldsCase ? decompose(c, parts) : 1;
    if (length < 1 || length > 4)
      continue;
    tc_blob_decomposition folded = {uint32_t(c), {}};
    int kept = 0;
    for (int i = 0; i < length && !vanishes(c, foldsCase); ++i)
      if (!vanishes(parts[i], foldsCase))
        folded.to[kept++] =
            uint32_t(foldsCase ? utf8proc_tolower(parts[i]) : parts[i]);
    if (kept != 1 || folded.to[0] != uint32_t(c))
      table.push_back(folded);
  }
  return table;
}

} // namespace text
