/* Opening a tokenizer: every offset, length and id is checked here, once, so
 * that nothing else needs to. Then ids to text. */
#include "runtime/text/tokenizer.h"

#include <stdlib.h>
#include <string.h>

const char *tc_text_error(int status) {
  switch (status) {
  case TC_TEXT_OK:
    return "no error";
  case TC_TEXT_NO_MEMORY:
    return "out of memory";
  case TC_TEXT_TOO_LONG:
    return "the text is longer than 2 GB";
  case TC_TEXT_NOT_TOKENIZER:
    return "this is not a tokenizer";
  case TC_TEXT_VERSION:
    return "the tokenizer was made for another version of this program";
  case TC_TEXT_CORRUPT:
    return "the tokenizer is damaged";
  default:
    return "unknown error";
  }
}

/* The array, if it lies within the blob; null otherwise. */
static const void *array_at(const tc_blob_header *h, tc_blob_array array,
                            size_t element) {
  if (array.offset % 4 || array.offset < sizeof *h || array.offset > h->bytes ||
      array.count > (h->bytes - array.offset) / element)
    return NULL;
  return (const char *)h + array.offset;
}

/* starts[0..n]: not falling, and none beyond `end`. */
static int starts_fit(const uint32_t *starts, uint32_t n, uint32_t end) {
  for (uint32_t i = 0; i < n; ++i)
    if (starts[i] > starts[i + 1])
      return 0;
  return starts[n] <= end;
}

static int ids_fit(const int32_t *ids, uint32_t n, int32_t least,
                   uint32_t size) {
  for (uint32_t i = 0; i < n; ++i)
    if (ids[i] < least || ids[i] >= (int64_t)size)
      return 0;
  return 1;
}

static int arrays_fit(tc_tokenizer *t) {
  const tc_blob_header *h = t->header;
  return (t->spans = array_at(h, h->spans, 4)) &&
         (t->text = array_at(h, h->text, 1)) &&
         (t->lookup = array_at(h, h->lookup, 4)) &&
         (t->byte_ids = array_at(h, h->byte_ids, 4)) &&
         (t->merge_starts = array_at(h, h->merge_starts, 4)) &&
         (t->merges = array_at(h, h->merges, sizeof *t->merges)) &&
         (t->added = array_at(h, h->added, sizeof *t->added)) &&
         (t->opening = array_at(h, h->opening, 4)) &&
         (t->closing = array_at(h, h->closing, 4)) &&
         (t->ends = array_at(h, h->ends, 4)) &&
         (t->classes = array_at(h, h->classes, sizeof *t->classes)) &&
         (t->combining = array_at(h, h->combining, sizeof *t->combining)) &&
         (t->decompositions =
              array_at(h, h->decompositions, sizeof *t->decompositions)) &&
         (t->compositions =
              array_at(h, h->compositions, sizeof *t->compositions)) &&
         (t->scores = array_at(h, h->scores, sizeof(double))) &&
         (t->rules = array_at(h, h->rules, 4)) &&
         (t->rule_text = array_at(h, h->rule_text, 1));
}

/* Scores for all ids or none; texts of rules end within theirs. */
static int unigram_fits(const tc_tokenizer *t) {
  const tc_blob_header *h = t->header;
  uint32_t n = h->rule_text.count;
  return (!(h->flags & TC_TOKENIZER_UNIGRAM) ||
          h->scores.count == h->size + 1) &&
         (h->rules.count == 0 || (n > 0 && t->rule_text[n - 1] == 0));
}

static int merges_fit(const tc_tokenizer *t) {
  const tc_blob_header *h = t->header;
  for (uint32_t i = 0; i < h->merges.count; ++i)
    if (t->merges[i].right < 0 || t->merges[i].right >= (int64_t)h->size ||
        t->merges[i].result < 0 || t->merges[i].result >= (int64_t)h->size)
      return 0;
  return starts_fit(t->merge_starts, h->size, h->merges.count);
}

/* Also finds where each first byte begins. */
static int added_fit(tc_tokenizer *t) {
  uint32_t n = t->header->added.count;
  int byte = -1;
  for (uint32_t i = 0; i < n; ++i) {
    size_t bytes;
    if (!ids_fit(&t->added[i].id, 1, 0, t->header->size))
      return 0;
    const char *text = tc_token_text(t, t->added[i].id, &bytes);
    if (bytes == 0 || (unsigned char)text[0] < byte)
      return 0;
    while (byte < (unsigned char)text[0])
      t->added_starts[++byte] = i;
  }
  while (byte < 256)
    t->added_starts[++byte] = n;
  return 1;
}

static int unicode_fits(const tc_tokenizer *t) {
  const tc_blob_header *h = t->header;
  for (uint32_t i = 0; i < h->classes.count; ++i)
    if (t->classes[i].value >= TC_CLASS_COUNT ||
        t->classes[i].value == TC_CLASS_SPACE ||
        t->classes[i].value == TC_CLASS_LINE)
      return 0;
  for (uint32_t i = 0; i < h->combining.count; ++i)
    if (t->combining[i].value > 255)
      return 0;
  return 1;
}

static int check(tc_tokenizer *t) {
  const tc_blob_header *h = t->header;
  return h->size <= INT32_MAX / 2 && h->pattern < TC_PATTERN_COUNT &&
         h->prefix < TC_PREFIX_COUNT && ids_fit(&h->unknown, 1, -1, h->size) &&
         ids_fit(&h->bos, 1, -1, h->size) && arrays_fit(t) &&
         h->spans.count == h->size + 1 &&
         h->merge_starts.count == h->size + 1 && h->byte_ids.count == 256 &&
         starts_fit(t->spans, h->size, h->text.count) &&
         ids_fit(t->lookup, h->lookup.count, 0, h->size) &&
         ids_fit(t->byte_ids, 256, -1, h->size) &&
         ids_fit(t->opening, h->opening.count, 0, h->size) &&
         ids_fit(t->closing, h->closing.count, 0, h->size) &&
         ids_fit(t->ends, h->ends.count, 0, h->size) && merges_fit(t) &&
         added_fit(t) && unicode_fits(t) && unigram_fits(t);
}

/* The first entry of lookup[low..high), which agree up to `depth`, whose byte
 * there is `byte` or above. */
static uint32_t narrow(const tc_tokenizer *t, uint32_t low, uint32_t high,
                       size_t depth, int byte) {
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    size_t length;
    const char *text = tc_token_text(t, t->lookup[middle], &length);
    if (length <= depth || (unsigned char)text[depth] < byte)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

int32_t tc_prefixes_next(const tc_tokenizer *t, tc_prefixes *p, const char *s,
                         size_t n) {
  while (p->low < p->high) {
    size_t length;
    tc_token_text(t, t->lookup[p->low], &length);
    if (length == p->bytes)
      return t->lookup[p->low++];
    if (p->bytes == n)
      break;
    int byte = (unsigned char)s[p->bytes];
    p->low = narrow(t, p->low, p->high, p->bytes, byte);
    p->high = narrow(t, p->low, p->high, p->bytes, byte + 1);
    ++p->bytes;
  }
  return -1;
}

int tc_tokenizer_open(const void *blob, size_t bytes, tc_tokenizer **out) {
  const tc_blob_header *h = blob;
  *out = NULL;
  if (!blob || (uintptr_t)blob % 4 || bytes < sizeof *h ||
      memcmp(h->magic, "TCTOKENS", 8) != 0)
    return TC_TEXT_NOT_TOKENIZER;
  if (h->version != TC_BLOB_VERSION)
    return TC_TEXT_VERSION;
  if (h->bytes < sizeof *h || h->bytes > bytes)
    return TC_TEXT_CORRUPT;
  tc_tokenizer *t = calloc(1, sizeof *t);
  if (!t)
    return TC_TEXT_NO_MEMORY;
  t->header = h;
  if (!check(t)) {
    free(t);
    return TC_TEXT_CORRUPT;
  }
  for (int c = 0; c < 128; ++c) {
    char text = (char)c;
    t->ascii[c] = tc_find_token(t, &text, 1);
  }
  for (int byte = 0; byte <= 256; ++byte)
    t->word_starts[byte] = narrow(t, 0, h->lookup.count, 0, byte);
  *out = t;
  return TC_TEXT_OK;
}

void tc_tokenizer_close(tc_tokenizer *t) { free(t); }

int32_t tc_find_token(const tc_tokenizer *t, const char *text, size_t bytes) {
  uint32_t low = 0, high = t->header->lookup.count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    size_t length;
    const char *other = tc_token_text(t, t->lookup[middle], &length);
    int order = memcmp(other, text, length < bytes ? length : bytes);
    if (order == 0 && length == bytes)
      return t->lookup[middle];
    if (order < 0 || (order == 0 && length < bytes))
      low = middle + 1;
    else
      high = middle;
  }
  return -1;
}

int32_t tc_tokenizer_size(const tc_tokenizer *t) {
  return (int32_t)t->header->size;
}

int32_t tc_tokenizer_bos(const tc_tokenizer *t) { return t->header->bos; }

int32_t tc_tokenizer_eos(const tc_tokenizer *t) {
  return t->header->ends.count ? t->ends[0] : -1;
}

int tc_tokenizer_is_end(const tc_tokenizer *t, int32_t id) {
  for (uint32_t i = 0; i < t->header->ends.count; ++i)
    if (t->ends[i] == id)
      return 1;
  return 0;
}

int tc_tokenizer_is_added(const tc_tokenizer *t, int32_t id) {
  for (uint32_t i = 0; i < t->header->added.count; ++i)
    if (t->added[i].id == id)
      return 1;
  return 0;
}

/* Whether encoding put a space before what follows `previous`. */
static int follows_prefix(const tc_tokenizer *t, int32_t previous) {
  if (!(t->header->flags & TC_TOKENIZER_STRIP) ||
      t->header->prefix == TC_PREFIX_NONE)
    return 0;
  if (previous < 0 || previous == t->header->bos)
    return 1;
  for (uint32_t i = 0; i < t->header->opening.count; ++i)
    if (t->opening[i] == previous)
      return 1;
  if (t->header->prefix == TC_PREFIX_SECTIONS)
    for (uint32_t i = 0; i < t->header->added.count; ++i)
      if (t->added[i].id == previous)
        return 1;
  return 0;
}

size_t tc_decode_piece(const tc_tokenizer *t, int32_t previous, int32_t id,
                       char *buffer, size_t capacity) {
  if (id < 0 || id >= (int64_t)t->header->size)
    return 0;
  size_t bytes;
  const char *text = tc_token_text(t, id, &bytes);
  if (bytes && text[0] == ' ' && follows_prefix(t, previous)) {
    ++text;
    --bytes;
  }
  if (capacity)
    memcpy(buffer, text, bytes < capacity ? bytes : capacity);
  return bytes;
}
