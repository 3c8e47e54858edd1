/* The published word patterns. A pattern is a row of expressions: each cuts its
 * matches out of what the ones before have left, and what lies between two
 * matches is a word, too. */
#include "runtime/text/words.h"
#include "runtime/text/scan.h"

enum { MOST_STAGES = 6 };
static tc_scan *const patterns[TC_PATTERN_COUNT][MOST_STAGES + 1] = {
    [TC_PATTERN_SPACES] = {tc_scan_space_before},
    [TC_PATTERN_GPT2] = {tc_scan_gpt2},
    [TC_PATTERN_DIGITS] = {tc_scan_digit, tc_scan_gpt2},
    [TC_PATTERN_CL100K] = {tc_scan_cl100k},
    [TC_PATTERN_QWEN2] = {tc_scan_qwen2},
    [TC_PATTERN_O200K] = {tc_scan_o200k},
    [TC_PATTERN_BERT] = {tc_scan_bert},
    [TC_PATTERN_TEKKEN] = {tc_scan_tekken},
    [TC_PATTERN_FALCON] = {tc_scan_falcon_signs, tc_scan_gpt2,
                           tc_scan_digit_bytes, tc_scan_three_digits},
    [TC_PATTERN_BLOOM] = {tc_scan_bloom},
    [TC_PATTERN_DEEPSEEK_CODER] = {tc_scan_line_end, tc_scan_spaced_letters,
                                   tc_scan_spaced_punctuation,
                                   tc_scan_higher_scripts, tc_scan_digit},
    [TC_PATTERN_DEEPSEEK_LLM] = {tc_scan_line_end, tc_scan_spaced_letters,
                                 tc_scan_spaced_signs, tc_scan_last_spaces,
                                 tc_scan_higher_scripts, tc_scan_numbers},
    [TC_PATTERN_DEEPSEEK_V2] = {tc_scan_line_end, tc_scan_spaced_letters,
                                tc_scan_spaced_signs, tc_scan_last_spaces,
                                tc_scan_higher_scripts, tc_scan_digit},
    [TC_PATTERN_DEEPSEEK_V3] = {tc_scan_three_numbers, tc_scan_ideographs,
                                tc_scan_deepseek_v3},
};

/* Where the next match begins, at `at` or behind it. */
static size_t find_match(const tc_tokenizer *t, tc_scan *match, const char *s,
                         size_t n, size_t at) {
  while (at < n && match(t, s + at, n - at) == 0) {
    uint32_t character;
    size_t step = tc_utf8_read(s + at, n - at, &character);
    if (match == tc_scan_digit_bytes)
      step = 1;
    /* Where these spaces do not end the text, none of them does. */
    if (match == tc_scan_last_spaces && tc_is_white(t, character))
      step = tc_run_all(t, s + at, n - at, WHITE);
    at += step;
  }
  return at;
}

static int cut(const tc_tokenizer *t, tc_scan *const *stages, const char *s,
               size_t n, tc_word_user use, void *context) {
  if (!*stages)
    return use(context, s, n);
  int status = TC_TEXT_OK;
  for (size_t at = 0, length; at < n && !status; at += length) {
    length = (*stages)(t, s + at, n - at);
    if (length == 0)
      length = find_match(t, *stages, s, n, at) - at;
    status = cut(t, stages + 1, s + at, length, use, context);
  }
  return status;
}

int tc_cut_words(const tc_tokenizer *t, const char *s, size_t n,
                 tc_word_user use, void *context) {
  return n ? cut(t, patterns[t->header->pattern], s, n, use, context)
           : TC_TEXT_OK;
}
