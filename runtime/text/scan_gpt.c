/* The expression of GPT-2, that of LLaMA 3, and their descendants. */
#include "runtime/text/scan.h"

/* 's|'t|'re|'ve|'m|'ll|'d, in any case if asked: 0 if none. */
static size_t contraction(const char *s, size_t n, int any_case) {
  if (n < 2 || s[0] != '\'')
    return 0;
  char fold = any_case ? 0x20 : 0;
  char a = (char)(s[1] | fold), b = n > 2 ? (char)(s[2] | fold) : 0;
  if (a == 's' || a == 't' || a == 'm' || a == 'd')
    return 2;
  if (((a == 'r' || a == 'v') && b == 'e') || (a == 'l' && b == 'l'))
    return 3;
  /* The long s is an s in another case. */
  return any_case && n > 2 && s[1] == '\xC5' && s[2] == '\xBF' ? 3 : 0;
}

/* \s+(?!\S)|\s+ : leaves the last space to the word it stands before. */
static size_t spaces(const tc_tokenizer *t, const char *s, size_t n) {
  size_t at = 0, last = 0, length;
  while (tc_look(t, s + at, n - at, &length) & WHITE) {
    last = at;
    at += length;
  }
  return at == n || last == 0 ? at : last;
}

/* 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+ */
size_t tc_scan_gpt2(const tc_tokenizer *t, const char *s, size_t n) {
  size_t length = contraction(s, n, 0);
  if (length)
    return length;
  size_t lead = s[0] == ' ';
  unsigned class = tc_look(t, s + lead, n - lead, &length);
  unsigned word = class & LETTER ? LETTER : class & NUMBER ? NUMBER : SYMBOL;
  return class & word ? lead + tc_run_all(t, s + lead, n - lead, word)
                      : spaces(t, s, n);
}

/* \s*[\r\n]+|\s+(?!\S)|\s+ */
size_t tc_lines_or_spaces(const tc_tokenizer *t, const char *s, size_t n) {
  size_t after_line = 0, length;
  unsigned class;
  for (size_t at = 0; (class = tc_look(t, s + at, n - at, &length)) & WHITE;) {
    at += length;
    if (class & LINE)
      after_line = at;
  }
  return after_line ? after_line : spaces(t, s, n);
}

/* The alternatives that LLaMA 3's pattern and its descendants end with:
 * \p{N}{1,digits}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
 * `slash`: [\r\n/]* */
static size_t no_letters(const tc_tokenizer *t, const char *s, size_t n,
                         size_t most_digits, int slash) {
  size_t at = tc_run(t, s, n, NUMBER, most_digits);
  if (at)
    return at;
  size_t lead = s[0] == ' ';
  at = lead + tc_run_all(t, s + lead, n - lead, SYMBOL);
  if (at > lead) {
    while (at < n &&
           (s[at] == '\r' || s[at] == '\n' || (slash && s[at] == '/')))
      ++at;
    return at;
  }
  return tc_lines_or_spaces(t, s, n);
}

/* (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+| and the above */
static size_t like_llama3(const tc_tokenizer *t, const char *s, size_t n,
                          size_t most_digits) {
  size_t length = contraction(s, n, 1), next;
  if (length)
    return length;
  unsigned class = tc_look(t, s, n, &length);
  if (class & (LETTER | NUMBER | LINE))
    length = 0;
  if (tc_look(t, s + length, n - length, &next) & LETTER)
    return length + tc_run_all(t, s + length, n - length, LETTER);
  return no_letters(t, s, n, most_digits, 0);
}

size_t tc_scan_cl100k(const tc_tokenizer *t, const char *s, size_t n) {
  return like_llama3(t, s, n, 3);
}
size_t tc_scan_qwen2(const tc_tokenizer *t, const char *s, size_t n) {
  return like_llama3(t, s, n, 1);
}

enum {
  HEAD = UPPER | CASELESS | MARK, /* [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}] */
  TAIL = LOWER | CASELESS | MARK  /* [\p{Ll}\p{Lm}\p{Lo}\p{M}] */
};

/* HEAD*TAIL+ : 0 if it does not match. */
static size_t head_any_tail_some(const tc_tokenizer *t, const char *s,
                                 size_t n) {
  size_t head = 0, end = 0, length;
  unsigned class;
  while ((class = tc_look(t, s + head, n - head, &length)) & HEAD) {
    head += length;
    if (class & TAIL)
      end = head; /* where the head can give one to the tail */
  }
  size_t tail = tc_run_all(t, s + head, n - head, TAIL);
  return tail ? head + tail : end;
}

/* HEAD+TAIL* */
static size_t head_some_tail_any(const tc_tokenizer *t, const char *s,
                                 size_t n) {
  size_t head = tc_run_all(t, s, n, HEAD);
  return head ? head + tc_run_all(t, s + head, n - head, TAIL) : 0;
}

/* [^\r\n\p{L}\p{N}]?HEAD*TAIL+|[^\r\n\p{L}\p{N}]?HEAD+TAIL* : 0 if neither. */
static size_t cased_word(const tc_tokenizer *t, const char *s, size_t n) {
  size_t lead, word = 0;
  if (tc_look(t, s, n, &lead) & (LETTER | NUMBER | LINE))
    lead = 0;
  for (int i = 0; i < 4 && !word; ++i) {
    size_t skip = i % 2 ? 0 : lead;
    word = (i < 2 ? head_any_tail_some : head_some_tail_any)(t, s + skip,
                                                             n - skip);
    if (word)
      word += skip;
  }
  return word;
}

/* The above, with (?i:'s|...)? behind, and no_letters with slashes */
size_t tc_scan_o200k(const tc_tokenizer *t, const char *s, size_t n) {
  size_t word = cased_word(t, s, n);
  return word ? word + contraction(s + word, n - word, 1)
              : no_letters(t, s, n, 3, 1);
}

size_t tc_scan_tekken(const tc_tokenizer *t, const char *s, size_t n) {
  size_t word = cased_word(t, s, n);
  return word ? word : no_letters(t, s, n, 1, 1);
}
