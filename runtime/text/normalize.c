/* Decompose, put combining marks in order, compose (Unicode annex 15); or fold
 * characters one by one. Bytes that are not UTF-8 pass as they are. */
#include "runtime/text/normalize.h"
#include "runtime/text/unicode.h"

#include <stdlib.h>
#include <string.h>

/* Hangul syllables are composed by arithmetic (Unicode, section 3.12). */
enum {
  HANGUL = 0xAC00,
  LEADING = 0x1100,
  VOWEL = 0x1161,
  TRAILING = 0x11A7,
  VOWELS = 21,
  TRAILINGS = 28,
  SYLLABLES = 11172,
  LEADINGS = 19
};

int tc_is_plain(const char *s, size_t n) {
  for (size_t i = 0; i < n; ++i)
    if ((unsigned char)s[i] >= 0x80)
      return 0;
  return 1;
}

static unsigned combining_class(const tc_tokenizer *t, uint32_t c) {
  if (c < 0x300)
    return 0;
  const tc_blob_range *range =
      tc_find_range(t->combining, t->header->combining.count, c);
  return range ? range->value : 0;
}

static size_t decompose_hangul(uint32_t c, uint32_t *to) {
  uint32_t index = c - HANGUL;
  to[0] = LEADING + index / (VOWELS * TRAILINGS);
  to[1] = VOWEL + index % (VOWELS * TRAILINGS) / TRAILINGS;
  to[2] = TRAILING + index % TRAILINGS;
  return index % TRAILINGS ? 3 : 2;
}

/* Writes up to 4 characters of the table, or the character itself. */
static size_t look_up(const tc_tokenizer *t, uint32_t c, uint32_t *to) {
  uint32_t low = 0, high = t->header->decompositions.count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    const tc_blob_decomposition *d = &t->decompositions[middle];
    if (d->character == c) {
      size_t count = 0;
      while (count < 4 && d->to[count]) {
        to[count] = d->to[count];
        ++count;
      }
      return count;
    }
    if (d->character < c)
      low = middle + 1;
    else
      high = middle;
  }
  to[0] = c;
  return 1;
}

static int is_hangul(uint32_t c) {
  return c >= HANGUL && c < HANGUL + SYLLABLES;
}

/* Writes up to 4 characters. */
static size_t decompose(const tc_tokenizer *t, uint32_t c, uint32_t *to) {
  if (is_hangul(c))
    return decompose_hangul(c, to);
  if (c >= 0xC0)
    return look_up(t, c, to);
  to[0] = c;
  return 1;
}

/* The character that two make; 0: none. */
static uint32_t compose(const tc_tokenizer *t, uint32_t a, uint32_t b) {
  if (a >= LEADING && a < LEADING + LEADINGS && b >= VOWEL &&
      b < VOWEL + VOWELS)
    return HANGUL + ((a - LEADING) * VOWELS + (b - VOWEL)) * TRAILINGS;
  if (a >= HANGUL && a < HANGUL + SYLLABLES && (a - HANGUL) % TRAILINGS == 0 &&
      b > TRAILING && b < TRAILING + TRAILINGS)
    return a + (b - TRAILING);
  uint32_t low = 0, high = t->header->compositions.count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    const tc_blob_composition *c = &t->compositions[middle];
    if (c->first == a && c->second == b)
      return c->composed;
    if (c->first < a || (c->first == a && c->second < b))
      low = middle + 1;
    else
      high = middle;
  }
  return 0;
}

/* Stable sort of a run of marks by class. A counting sort: a run may be as long
 * as the text. */
static void order_marks(const tc_tokenizer *t, uint32_t *marks, size_t n,
                        uint32_t *spare) {
  size_t starts[257] = {0};
  for (size_t i = 0; i < n; ++i)
    ++starts[(combining_class(t, marks[i]) & 255) + 1];
  for (int i = 0; i < 256; ++i)
    starts[i + 1] += starts[i];
  memcpy(spare, marks, n * sizeof *marks);
  for (size_t i = 0; i < n; ++i)
    marks[starts[combining_class(t, spare[i]) & 255]++] = spare[i];
}

static void order_all(const tc_tokenizer *t, uint32_t *c, size_t n,
                      uint32_t *spare) {
  for (size_t i = 0; i < n;) {
    size_t end = i;
    while (end < n && combining_class(t, c[end]))
      ++end;
    if (end - i > 1)
      order_marks(t, c + i, end - i, spare);
    i = end > i ? end : i + 1;
  }
}

/* Joins each starter with the marks after it that nothing blocks. */
static size_t compose_all(const tc_tokenizer *t, uint32_t *c, size_t n) {
  size_t out = 0, starter = SIZE_MAX;
  unsigned last = 0; /* class of the last character kept since the starter */
  for (size_t i = 0; i < n; ++i) {
    unsigned class = combining_class(t, c[i]);
    int adjacent = starter != SIZE_MAX && out == starter + 1;
    uint32_t joined = 0;
    if (starter != SIZE_MAX && (adjacent || last < class))
      joined = compose(t, c[starter], c[i]);
    if (joined) {
      c[starter] = joined;
      continue;
    }
    if (class == 0)
      starter = out;
    last = class;
    c[out++] = c[i];
  }
  return out;
}

char *tc_compose_text(const tc_tokenizer *t, const char *s, size_t n,
                      size_t *bytes) {
  /* At most 4 characters from 2 bytes, and the same again to sort in. */
  uint32_t *characters = malloc((4 * n + 8) * sizeof *characters);
  if (!characters)
    return NULL;
  size_t count = 0;
  for (size_t at = 0; at < n;) {
    uint32_t c;
    at += tc_utf8_read(s + at, n - at, &c);
    count += decompose(t, c, characters + count);
  }
  order_all(t, characters, count, characters + count);
  count = compose_all(t, characters, count);
  char *text = malloc(4 * count + 1);
  size_t length = 0;
  for (size_t i = 0; text && i < count; ++i)
    length += tc_utf8_write(characters[i], text + length);
  free(characters);
  *bytes = length;
  return text;
}

char *tc_fold_text(const tc_tokenizer *t, const char *s, size_t n,
                   size_t *bytes) {
  int hangul = t->header->flags & TC_TOKENIZER_FOLD_HANGUL;
  /* At most 4 characters of 4 bytes from each byte. */
  char *text = malloc(16 * n + 1);
  size_t length = 0;
  for (size_t at = 0; text && at < n;) {
    uint32_t c, to[4];
    at += tc_utf8_read(s + at, n - at, &c);
    size_t count =
        hangul && is_hangul(c) ? decompose_hangul(c, to) : look_up(t, c, to);
    for (size_t i = 0; i < count; ++i)
      length += tc_utf8_write(to[i], text + length);
  }
  *bytes = length;
  return text;
}
