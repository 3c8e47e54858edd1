/* Text to ids: added tokens are cut out, and what lies between is normalised,
 * cut into words and merged. */
#include "runtime/text/merge.h"
#include "runtime/text/normalize.h"
#include "runtime/text/unicode.h"
#include "runtime/text/words.h"

#include <stdlib.h>
#include <string.h>

const tc_blob_added *tc_added_here(const tc_tokenizer *t, const char *s,
                                   size_t n, int verbatim) {
  unsigned char first = (unsigned char)s[0];
  for (uint32_t i = t->added_starts[first]; i < t->added_starts[first + 1];
       ++i) {
    size_t bytes;
    const char *text = tc_token_text(t, t->added[i].id, &bytes);
    if (!(t->added[i].flags & TC_ADDED_VERBATIM) == !verbatim && bytes <= n &&
        memcmp(text, s, bytes) == 0)
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
    if (!tc_is_white(t, c))
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
        !tc_is_white(t, c))
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

/* What words are merged with, and into. */
typedef struct word_target {
  const tc_tokenizer *tokenizer;
  tc_merge_space *space;
  tc_id_list *out;
} word_target;

static int encode_word(void *context, const char *word, size_t bytes) {
  word_target *to = context;
  return tc_merge_word(to->tokenizer, word, bytes, to->space, to->out);
}

/* Replaces `text`, which is freed if it is `owned`, by what a step of
 * normalisation makes of it. */
typedef char *(*step)(const tc_tokenizer *t, const char *s, size_t n,
                      size_t *bytes);

static int apply(step change, const tc_tokenizer *t, char **owned,
                 const char **s, size_t *n) {
  char *changed = change(t, *s, *n, n);
  free(*owned);
  *owned = changed;
  *s = changed;
  return changed ? TC_TEXT_OK : TC_TEXT_NO_MEMORY;
}

static char *trimmed_copy(const tc_tokenizer *t, const char *s, size_t n,
                          size_t *bytes) {
  char *copy = malloc(n + 1);
  if (copy) {
    memcpy(copy, s, n);
    *bytes = tc_trim_spaces(t, copy, n);
  }
  return copy;
}

static char *prefixed_copy(const tc_tokenizer *t, const char *s, size_t n,
                           size_t *bytes) {
  (void)t;
  char *copy = malloc(n + 1);
  if (copy) {
    copy[0] = ' ';
    memcpy(copy + 1, s, n);
    *bytes = n + 1;
  }
  return copy;
}

/* What lies between two added tokens. */
static int encode_section(const tc_tokenizer *t, const char *s, size_t n,
                          int opens_text, tc_merge_space *space,
                          tc_id_list *out) {
  const uint32_t flags = t->header->flags, trims = TC_TOKENIZER_TRIM_LEFT |
                                                   TC_TOKENIZER_TRIM_RIGHT |
                                                   TC_TOKENIZER_ONE_SPACE;
  char *owned = NULL;
  int status = TC_TEXT_OK;
  if (t->header->rules.count)
    status = apply(tc_rewrite_text, t, &owned, &s, &n);
  if (!status && flags & TC_TOKENIZER_NFC && !tc_is_plain(s, n))
    status = apply(tc_compose_text, t, &owned, &s, &n);
  if (!status && flags & TC_TOKENIZER_FOLD)
    status = apply(tc_fold_text, t, &owned, &s, &n);
  if (!status && flags & trims)
    status = apply(trimmed_copy, t, &owned, &s, &n);
  if (!status && wants_prefix(t, s, n, opens_text))
    status = apply(prefixed_copy, t, &owned, &s, &n);
  word_target target = {t, space, out};
  if (!status)
    status = tc_cut_words(t, s, n, encode_word, &target);
  free(owned);
  return status;
}

static int encode_text(const tc_tokenizer *t, const char *text, size_t n,
                       tc_merge_space *space, tc_id_list *out) {
  size_t start = 0, at = 0;
  int status = TC_TEXT_OK;
  while (at < n && !status) {
    const tc_blob_added *added = tc_added_here(t, text + at, n - at, 0);
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
