/* DeepSeek's expressions. */
#include "runtime/text/scan.h"

/* [\r\n] */
size_t tc_scan_line_end(const tc_tokenizer *t, const char *s, size_t n) {
  return tc_run(t, s, n, LINE, 1);
}

/* \s?X+ , where `word` is X+. */
static size_t with_space(const tc_tokenizer *t, const char *s, size_t n,
                         size_t (*word)(const tc_tokenizer *, const char *,
                                        size_t)) {
  size_t length, rest = 0;
  if (tc_look(t, s, n, &length) & WHITE && length < n)
    rest = word(t, s + length, n - length);
  return rest ? length + rest : word(t, s, n);
}

static size_t letters(const tc_tokenizer *t, const char *s, size_t n) {
  return tc_run_all(t, s, n, LETTER);
}
static size_t punctuation(const tc_tokenizer *t, const char *s, size_t n) {
  return tc_run_all(t, s, n, PUNCTUATION);
}
/* [!-/:-~...] */
static size_t deepseek_signs(const tc_tokenizer *t, const char *s, size_t n) {
  (void)t;
  size_t at = 0, length;
  for (; at < n; at += length) {
    uint32_t c;
    length = tc_utf8_read(s + at, n - at, &c);
    if (!((c >= '!' && c <= '/') || (c >= ':' && c <= '~') ||
          (c >= 0xFF01 && c <= 0xFF0F) || (c >= 0xFF1A && c <= 0xFF5E) ||
          (c >= 0x2018 && c <= 0x201F) || (c >= 0x3000 && c <= 0x3002)))
      break;
  }
  return at;
}

size_t tc_scan_spaced_letters(const tc_tokenizer *t, const char *s, size_t n) {
  return with_space(t, s, n, letters);
}
size_t tc_scan_spaced_punctuation(const tc_tokenizer *t, const char *s,
                                  size_t n) {
  return with_space(t, s, n, punctuation);
}
size_t tc_scan_spaced_signs(const tc_tokenizer *t, const char *s, size_t n) {
  return with_space(t, s, n, deepseek_signs);
}

/* \s+$ */
size_t tc_scan_last_spaces(const tc_tokenizer *t, const char *s, size_t n) {
  size_t at = tc_run_all(t, s, n, WHITE);
  return at == n ? at : 0;
}

/* The longest run of characters from `first` to `last` or from `from` to `to`.
 */
static size_t run_of(const char *s, size_t n, uint32_t first, uint32_t last,
                     uint32_t from, uint32_t to) {
  size_t at = 0, length;
  for (; at < n; at += length) {
    uint32_t c;
    length = tc_utf8_read(s + at, n - at, &c);
    if (!(c >= first && c <= last) && !(c >= from && c <= to))
      break;
  }
  return at;
}

/* Most of the higher scripts of the basic plane, to the last ideograph, and
 * Hangul: so DeepSeek's expression has it. */
size_t tc_scan_higher_scripts(const tc_tokenizer *t, const char *s, size_t n) {
  (void)t;
  return run_of(s, n, 0x800, 0x9FA5, 0xAC00, 0xD7FF);
}
/* Ideographs, hiragana and katakana. */
size_t tc_scan_ideographs(const tc_tokenizer *t, const char *s, size_t n) {
  (void)t;
  return run_of(s, n, 0x4E00, 0x9FA5, 0x3040, 0x30FF);
}

/* [!"#...~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+|
 *  ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+ */
size_t tc_scan_deepseek_v3(const tc_tokenizer *t, const char *s, size_t n) {
  size_t lead, at = 1, next;
  unsigned class = tc_look(t, s, n, &lead);
  while (class & SIGNS && lead == 1 && at < n &&
         ((s[at] | 0x20) >= 'a' && (s[at] | 0x20) <= 'z'))
    ++at;
  if (at > 1)
    return at;
  if (class & (LINE | LETTER | SIGNS))
    lead = 0;
  if (tc_look(t, s + lead, n - lead, &next) & (LETTER | MARK))
    return lead + tc_run_all(t, s + lead, n - lead, LETTER | MARK);
  if (class & MARK)
    return lead;
  lead = s[0] == ' ';
  at = tc_run_all(t, s + lead, n - lead, SIGNS);
  if (at)
    return lead + at + tc_run_all(t, s + lead + at, n - lead - at, LINE);
  return tc_lines_or_spaces(t, s, n);
}
