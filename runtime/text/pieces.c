/* WordPiece: a word is cut from the left into the longest tokens there are. */
#include "runtime/text/merge.h"
#include "runtime/text/unicode.h"

#include <string.h>

/* Longer words are unknown, as in BERT. */
enum { MOST_CHARACTERS = 100 };

static size_t count_characters(const char *s, size_t n) {
  size_t count = 0;
  for (size_t at = 0; at < n; ++count) {
    uint32_t character;
    at += tc_utf8_read(s + at, n - at, &character);
  }
  return count;
}

/* Bytes of the longest token that text[0..n) begins with, more than `least`. */
static size_t longest(const tc_tokenizer *t, const char *text, size_t n,
                      size_t least, int32_t *id) {
  for (size_t end = n; end > least; --end) {
    if (end < n && (text[end] & 0xC0) == 0x80)
      continue; /* within a character */
    *id = tc_find_token(t, text, end);
    if (*id >= 0)
      return end;
  }
  return 0;
}

void tc_cut_word(const tc_tokenizer *t, const char *word, size_t bytes,
                 tc_id_list *out) {
  uint32_t first;
  tc_utf8_read(word, bytes, &first);
  if (tc_is_white(t, first))
    return;
  size_t before = out->count;
  char text[1 + 4 * MOST_CHARACTERS];
  int known = count_characters(word, bytes) <= MOST_CHARACTERS;
  if (known) {
    text[0] = ' ';
    memcpy(text + 1, word, bytes);
  }
  for (size_t at = 0, length; known && at < bytes + 1; at += length) {
    int32_t id;
    length = longest(t, text + at, bytes + 1 - at, at == 0, &id);
    known = length > 0;
    if (known)
      tc_push_id(out, id);
  }
  if (known)
    return;
  out->count = before;
  if (t->header->unknown >= 0)
    tc_push_id(out, t->header->unknown);
}
