/* Scanners of the expressions that word patterns are made of. Each returns how
 * many bytes match at the start of s[0..n), n > 0; 0: none. */
#ifndef TRANSFORMER_RUNTIME_TEXT_SCAN_H
#define TRANSFORMER_RUNTIME_TEXT_SCAN_H

#include "runtime/text/unicode.h"

typedef size_t tc_scan(const tc_tokenizer *t, const char *s, size_t n);

/* scan_gpt.c: GPT-2 and LLaMA 3 and what descends from them */
tc_scan tc_scan_gpt2, tc_scan_cl100k, tc_scan_qwen2, tc_scan_o200k,
    tc_scan_tekken, tc_lines_or_spaces;
/* scan_simple.c: single classes, BERT, Falcon, BLOOM */
tc_scan tc_scan_bert, tc_scan_space_before, tc_scan_digit,
    tc_scan_three_numbers, tc_scan_numbers, tc_scan_falcon_signs,
    tc_scan_digit_bytes, tc_scan_three_digits, tc_scan_bloom;
/* scan_deepseek.c */
tc_scan tc_scan_line_end, tc_scan_spaced_letters, tc_scan_spaced_punctuation,
    tc_scan_spaced_signs, tc_scan_last_spaces, tc_scan_higher_scripts,
    tc_scan_ideographs, tc_scan_deepseek_v3;

enum {
  UPPER = 1 << TC_CLASS_UPPER,
  LOWER = 1 << TC_CLASS_LOWER,
  CASELESS = 1 << TC_CLASS_LETTER,
  MARK = 1 << TC_CLASS_MARK,
  NUMBER = 1 << TC_CLASS_NUMBER,
  SPACE = 1 << TC_CLASS_SPACE,
  LINE = 1 << TC_CLASS_LINE,
  ALONE = 1 << TC_CLASS_ALONE,
  PUNCTUATION = 1 << TC_CLASS_PUNCTUATION,    /* \p{P} */
  SIGN = 1 << TC_CLASS_SIGN,                  /* \p{S} */
  SIGNS = PUNCTUATION | SIGN,                 /* [\p{P}\p{S}] */
  LETTER = UPPER | LOWER | CASELESS,          /* \p{L} */
  WHITE = SPACE | LINE,                       /* \s */
  SYMBOL = 1 << TC_CLASS_OTHER | MARK | SIGNS /* [^\s\p{L}\p{N}] */
};

/* Class of the first character as a bit, and its length; 0 at the end. */
static inline unsigned tc_look(const tc_tokenizer *t, const char *s, size_t n,
                               size_t *length) {
  uint32_t c;
  *length = 0;
  if (n == 0)
    return 0;
  *length = tc_utf8_read(s, n, &c);
  return 1u << tc_class(t, c);
}

/* Bytes of the longest run of at most `most` characters in the classes. */
static inline size_t tc_run(const tc_tokenizer *t, const char *s, size_t n,
                            unsigned classes, size_t most) {
  size_t at = 0, length;
  while (most-- > 0 && (tc_look(t, s + at, n - at, &length) & classes))
    at += length;
  return at;
}

static inline size_t tc_run_all(const tc_tokenizer *t, const char *s, size_t n,
                                unsigned classes) {
  return tc_run(t, s, n, classes, SIZE_MAX);
}

#endif
