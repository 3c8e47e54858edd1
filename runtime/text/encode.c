/* Text to ids: added tokens are cut out, and what lies between is normalised,
 * cut into words and merged. */
#include "runtime/text/merge.h"
#include "runtime/text/normalize.h"
#include "runtime/text/unicode.h"
#include "runtime/text/words.h"

#include <stdlib.h>
#include <string.h>

/* The longest added token that s[0..n) starts with; null: none. */
static const tc_blob_added *added_here(const tc_tokenizer *t, const char *s,
                                       size_t n) {
  unsigned char first = (unsigned char)s[0];
  for (uint32_t i = t->added_starts[first]; i < t->added_starts[first + 1];
       ++i) {
    size_t bytes;
    const char *text = tc_token_text(t, t->added[i].id, &bytes);
    if (bytes <= n && memcmp(text, s, bytes) == 0)
      return &t->added[i];
  }
  return NULL;
}

/* Length of the white space that s[0..n) begins or ends with. */
static size_t leading_space(const tc_tokenizer *t, const char *s, size_t n) {
  size_t at = 0;
  while (at < n) {
    uint32_t c;
    size_t length = tc_utf8_read(s + at, n - at, &c);
    if (tc_class(t, c) < TC_CLASS_SPACE)
      break;
    at += length;
  }
  return at;
}

static size_t trailing_space(const tc_tokenizer *t, const char *s, size_t n) {
  size_t end = n;
  while (end > 0) {
    size_t start = end - 1;
    while (start > 0 && end - start < 4 && (s[start] & 0xC0) == 0x80)
      --start;
    uint32_t c;
    if (tc_utf8_read(s + start, end - start, &c) != end - start ||
        tc_class(t, c) < TC_CLASS_SPACE)
      break;
    end = start;
  }
  return n - end;
}

static int wants_prefix(const tc_tokenizer *t, const char *s, size_t n,
                        int opens_text) {
  if (t->header->flags & TC_TOKENIZER_PREFIX_ONCE && n && s[0] == ' ')
    return 0;
  switch (t->header->prefix) {
  case TC_PREFIX_TEXT:
    return opens_text;
  case TC_PREFIX_FIRST:
    return opens_text && n;
  case TC_PREFIX_SECTIONS:
    return n > 0;
  default:
    return 0;
  }
}

static int encode_words(const tc_tokenizer *t, const char *s, size_t n,
                        tc_merge_space *space, tc_id_list *out) {
  int status = TC_TEXT_OK;
  for (size_t at = 0, length; at < n && !status; at += length) {
    length = tc_first_word(t, s + at, n - at);
    status = tc_merge_word(t, s + at, length, space, out);
  }
  return status;
}

/* What lies between two added tokens. */
static int encode_section(const tc_tokenizer *t, const char *s, size_t n,
                          int opens_text, tc_merge_space *space,
                          tc_id_list *out) {
  char *composed = NULL, *prefixed = NULL;
  int status = TC_TEXT_OK;
  if (t->header->flags & TC_TOKENIZER_NFC && !tc_is_plain(s, n)) {
    composed = tc_compose_text(t, s, n, &n);
    s = composed;
    status = composed ? TC_TEXT_OK : TC_TEXT_NO_MEMORY;
  }
  if (t->header->flags & TC_TOKENIZER_FOLD) {
    composed = tc_fold_text(t, s, n, &n);
    s = composed;
    status = composed ? TC_TEXT_OK : TC_TEXT_NO_MEMORY;
  }
  if (!status && wants_prefix(t, s, n, opens_text)) {
    prefixed = malloc(n + 1);
    if (prefixed) {
      prefixed[0] = ' ';
      memcpy(prefixed + 1, s, n);
    }
    s = prefixed;
    ++n;
    status = prefixed ? TC_TEXT_OK : TC_TEXT_NO_MEMORY;
  }
  if (!status)
    status = encode_words(t, s, n, space, out);
  free(prefixed);
  free(composed);
  return status;
}

static int encode_text(const tc_tokenizer *t, const char *text, size_t n,
                       tc_merge_space *space, tc_id_list *out) {
  size_t start = 0, at = 0;
  int status = TC_TEXT_OK;
  while (at < n && !status) {
    const tc_blob_added *added = added_here(t, text + at, n - at);
    if (!added) {
      ++at;
      continue;
    }
    size_t end = at;
    if (added->flags & TC_ADDED_STRIP_LEFT)
      end -= trailing_space(t, text + start, at - start);
    status =
        encode_section(t, text + start, end - start, start == 0, space, out);
    tc_push_id(out, added->id);
    size_t bytes;
    tc_token_text(t, added->id, &bytes);
    at += bytes;
    if (added->flags & TC_ADDED_STRIP_RIGHT)
      at += leading_space(t, text + at, n - at);
    start = at;
  }
  if (!status && n > 0)
    status = encode_section(t, text + start, n - start, start == 0, space, out);
  return status;
}

ptrdiff_t tc_encode(const tc_tokenizer *t, const char *text, size_t bytes,
                    int with_bos, int32_t *ids, size_t capacity) {
  tc_id_list out = {ids, capacity, 0};
  if (bytes >= INT32_MAX)
    return -TC_TEXT_TOO_LONG;
  for (uint32_t i = 0; with_bos && i < t->header->opening.count; ++i)
    tc_push_id(&out, t->opening[i]);
  tc_merge_space space = {0};
  int status = encode_text(t, text, bytes, &space, &out);
  tc_merge_space_free(&space);
  for (uint32_t i = 0; with_bos && i < t->header->closing.count; ++i)
    tc_push_id(&out, t->closing[i]);
  return status ? -status : (ptrdiff_t)out.count;
}
