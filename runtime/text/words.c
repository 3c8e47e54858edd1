/* The published word patterns, each as a scanner by hand. A pattern is a list
 * of alternatives; as in the expression, the first that matches wins. */
#include "runtime/text/words.h"
#include "runtime/text/unicode.h"

enum {
  UPPER = 1 << TC_CLASS_UPPER,
  LOWER = 1 << TC_CLASS_LOWER,
  CASELESS = 1 << TC_CLASS_LETTER,
  MARK = 1 << TC_CLASS_MARK,
  NUMBER = 1 << TC_CLASS_NUMBER,
  SPACE = 1 << TC_CLASS_SPACE,
  LINE = 1 << TC_CLASS_LINE,
  LETTER = UPPER | LOWER | CASELESS,  /* \p{L} */
  WHITE = SPACE | LINE,               /* \s */
  SYMBOL = 1 << TC_CLASS_OTHER | MARK /* [^\s\p{L}\p{N}] */
};

/* Class of the first character as a bit, and its length; 0 at the end. */
static unsigned look(const tc_tokenizer *t, const char *s, size_t n,
                     size_t *length) {
  uint32_t c;
  *length = 0;
  if (n == 0)
    return 0;
  *length = tc_utf8_read(s, n, &c);
  return 1u << tc_class(t, c);
}

/* Bytes of the longest run of at most `most` characters in the classes. */
static size_t run(const tc_tokenizer *t, const char *s, size_t n,
                  unsigned classes, size_t most) {
  size_t at = 0, length;
  while (most-- > 0 && (look(t, s + at, n - at, &length) & classes))
    at += length;
  return at;
}

static size_t run_all(const tc_tokenizer *t, const char *s, size_t n,
                      unsigned classes) {
  return run(t, s, n, classes, SIZE_MAX);
}

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

/* \s+(?!\S)|\s+ : leaves the last space to the word it stands before, unless
 * that is of the classes `apart`. */
static size_t spaces(const tc_tokenizer *t, const char *s, size_t n,
                     unsigned apart) {
  size_t at = 0, last = 0, length;
  unsigned class;
  while ((class = look(t, s + at, n - at, &length)) & WHITE) {
    last = at;
    at += length;
  }
  return at == n || last == 0 || (class & apart) ? at : last;
}

/* 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
 * `split_digits`: each number is cut out first, and the expression sees only
 * what lies between two. */
static size_t gpt2(const tc_tokenizer *t, const char *s, size_t n,
                   int split_digits) {
  size_t length = contraction(s, n, 0);
  if (length)
    return length;
  size_t lead = s[0] == ' ';
  unsigned class = look(t, s + lead, n - lead, &length);
  if (class & LETTER)
    return lead + run_all(t, s + lead, n - lead, LETTER);
  if (class & NUMBER && split_digits)
    return lead ? lead : length;
  if (class & NUMBER)
    return lead + run_all(t, s + lead, n - lead, NUMBER);
  if (class & SYMBOL)
    return lead + run_all(t, s + lead, n - lead, SYMBOL);
  return spaces(t, s, n, split_digits ? NUMBER : 0);
}

/* The alternatives that LLaMA 3's pattern and its descendants end with:
 * \p{N}{1,digits}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
 * `slash`: [\r\n/]* */
static size_t no_letters(const tc_tokenizer *t, const char *s, size_t n,
                         size_t most_digits, int slash) {
  size_t at = run(t, s, n, NUMBER, most_digits), length;
  if (at)
    return at;
  size_t lead = s[0] == ' ';
  at = lead + run_all(t, s + lead, n - lead, SYMBOL);
  if (at > lead) {
    while (at < n &&
           (s[at] == '\r' || s[at] == '\n' || (slash && s[at] == '/')))
      ++at;
    return at;
  }
  size_t after_line = 0;
  unsigned class;
  for (at = 0; (class = look(t, s + at, n - at, &length)) & WHITE;) {
    at += length;
    if (class & LINE)
      after_line = at;
  }
  return after_line ? after_line : spaces(t, s, n, 0);
}

/* (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+| and the above */
static size_t cl100k(const tc_tokenizer *t, const char *s, size_t n,
                     size_t most_digits) {
  size_t length = contraction(s, n, 1), next;
  if (length)
    return length;
  unsigned class = look(t, s, n, &length);
  if (class & (LETTER | NUMBER | LINE))
    length = 0;
  if (look(t, s + length, n - length, &next) & LETTER)
    return length + run_all(t, s + length, n - length, LETTER);
  return no_letters(t, s, n, most_digits, 0);
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
  while ((class = look(t, s + head, n - head, &length)) & HEAD) {
    head += length;
    if (class & TAIL)
      end = head; /* where the head can give one to the tail */
  }
  size_t tail = run_all(t, s + head, n - head, TAIL);
  return tail ? head + tail : end;
}

/* HEAD+TAIL* */
static size_t head_some_tail_any(const tc_tokenizer *t, const char *s,
                                 size_t n) {
  size_t head = run_all(t, s, n, HEAD);
  return head ? head + run_all(t, s + head, n - head, TAIL) : 0;
}

/* [^\r\n\p{L}\p{N}]?HEAD*TAIL+(?i:'s|...)?|[^\r\n\p{L}\p{N}]?HEAD+TAIL*(?i:...)?|
 * and no_letters with slashes */
static size_t o200k(const tc_tokenizer *t, const char *s, size_t n) {
  size_t lead, word = 0;
  if (look(t, s, n, &lead) & (LETTER | NUMBER | LINE))
    lead = 0;
  for (int i = 0; i < 4 && !word; ++i) {
    size_t skip = i % 2 ? 0 : lead;
    word = (i < 2 ? head_any_tail_some : head_some_tail_any)(t, s + skip,
                                                             n - skip);
    if (word)
      word += skip;
  }
  return word ? word + contraction(s + word, n - word, 1)
              : no_letters(t, s, n, 3, 1);
}

/* BERT's basic tokens: white space, a sign or ideograph by itself, or all up to
 * the next of these. */
static int stands_alone(unsigned class, const char *s) {
  unsigned char byte = (unsigned char)*s;
  return class & 1u << TC_CLASS_ALONE ||
         (class & 1u << TC_CLASS_OTHER && byte > ' ' && byte < 0x7F);
}

static size_t bert(const tc_tokenizer *t, const char *s, size_t n) {
  size_t length, at = 0;
  unsigned class = look(t, s, n, &length);
  if (class & WHITE)
    return run_all(t, s, n, WHITE);
  if (stands_alone(class, s))
    return length;
  while (class && !(class & WHITE) && !stands_alone(class, s + at)) {
    at += length;
    class = look(t, s + at, n - at, &length);
  }
  return at;
}

size_t tc_first_word(const tc_tokenizer *t, const char *s, size_t n) {
  size_t at;
  switch (t->header->pattern) {
  case TC_PATTERN_SPACES:
    for (at = 1; at < n && s[at] != ' ';)
      ++at;
    return at;
  case TC_PATTERN_GPT2:
    return gpt2(t, s, n, 0);
  case TC_PATTERN_DIGITS:
    return gpt2(t, s, n, 1);
  case TC_PATTERN_CL100K:
    return cl100k(t, s, n, 3);
  case TC_PATTERN_QWEN2:
    return cl100k(t, s, n, 1);
  case TC_PATTERN_O200K:
    return o200k(t, s, n);
  case TC_PATTERN_BERT:
    return bert(t, s, n);
  default:
    return n;
  }
}
