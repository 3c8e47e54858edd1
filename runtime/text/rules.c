/* Rules of normalisation: the longest that applies, then on behind it. Each is
 * found by walking down a double array, a byte a step (darts-clone's layout).
 */
#include "runtime/text/normalize.h"
#include "runtime/text/unicode.h"

#include <stdlib.h>
#include <string.h>

static uint32_t children(uint32_t unit) {
  return (unit >> 10) << ((unit & 1u << 9) >> 6);
}
static int is_child(uint32_t unit, unsigned char byte) {
  return (unit & (1u << 31 | 0xFF)) == byte;
}
static int ends_rule(uint32_t unit) { return unit >> 8 & 1; }
static uint32_t text_of(uint32_t unit) { return unit & ~(1u << 31); }

/* Bytes that the longest rule takes from s[0..n), and what they become; 0: no
 * rule applies. Rules may point anywhere: every step is checked. */
static size_t find_rule(const tc_tokenizer *t, const char *s, size_t n,
                        const char **to) {
  uint32_t units = t->header->rules.count, at = 0;
  size_t longest = 0;
  if (units == 0)
    return 0;
  at = children(t->rules[0]);
  for (size_t i = 0; i < n && i < TC_RULE_LONGEST; ++i) {
    unsigned char byte = (unsigned char)s[i];
    at ^= byte;
    if (byte == 0 || at >= units || !is_child(t->rules[at], byte))
      break;
    int ends = ends_rule(t->rules[at]);
    at ^= children(t->rules[at]);
    if (!ends)
      continue;
    uint32_t text = at < units ? text_of(t->rules[at]) : UINT32_MAX;
    if (text >= t->header->rule_text.count)
      break;
    *to = t->rule_text + text;
    longest = i + 1;
  }
  return longest;
}

/* Writes what s[0..n) begins with, as it becomes, if `out` is there; adds its
 * length to `length`. Returns what it took. */
static size_t rewrite(const tc_tokenizer *t, const char *s, size_t n, char *out,
                      size_t *length) {
  const char *to = s;
  size_t bytes, taken;
  const tc_blob_added *added = tc_added_here(t, s, n, 1);
  if (added) {
    tc_token_text(t, added->id, &bytes);
    taken = bytes;
  } else if ((taken = find_rule(t, s, n, &to)) > 0) {
    bytes = strlen(to);
  } else {
    uint32_t character;
    taken = bytes = tc_utf8_read(s, n, &character);
  }
  if (out)
    memcpy(out + *length, to, bytes);
  *length += bytes;
  return taken;
}

char *tc_rewrite_text(const tc_tokenizer *t, const char *s, size_t n,
                      size_t *bytes) {
  size_t length = 0;
  for (size_t at = 0; at < n;)
    at += rewrite(t, s + at, n - at, NULL, &length);
  char *text = malloc(length + 1);
  length = 0;
  for (size_t at = 0; text && at < n;)
    at += rewrite(t, s + at, n - at, text, &length);
  *bytes = length;
  return text;
}

static size_t white_to_spaces(const tc_tokenizer *t, char *s, size_t n) {
  size_t out = 0;
  for (size_t at = 0, length; at < n; at += length) {
    uint32_t character;
    length = tc_utf8_read(s + at, n - at, &character);
    if (tc_is_white(t, character)) {
      s[out++] = ' ';
      continue;
    }
    memmove(s + out, s + at, length);
    out += length;
  }
  return out;
}

size_t tc_trim_spaces(const tc_tokenizer *t, char *s, size_t n) {
  uint32_t flags = t->header->flags;
  if (flags & TC_TOKENIZER_WHITE_SPACE)
    n = white_to_spaces(t, s, n);
  size_t at = 0, out = 0;
  while (flags & TC_TOKENIZER_TRIM_LEFT && at < n && s[at] == ' ')
    ++at;
  while (flags & TC_TOKENIZER_TRIM_RIGHT && n > at && s[n - 1] == ' ')
    --n;
  for (; at < n; ++at) {
    int again = out > 0 && s[at] == ' ' && s[out - 1] == ' ';
    if (!(again && flags & TC_TOKENIZER_ONE_SPACE))
      s[out++] = s[at];
  }
  return out;
}
