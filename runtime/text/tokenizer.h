/* An opened tokenizer: pointers into a blob that has been checked. */
#ifndef TRANSFORMER_RUNTIME_TEXT_TOKENIZER_H
#define TRANSFORMER_RUNTIME_TEXT_TOKENIZER_H

#include "runtime/text/blob.h"
#include "runtime/text/text.h"

struct tc_tokenizer {
  const tc_blob_header *header;
  const uint32_t *spans;
  const char *text;
  const int32_t *lookup;
  const int32_t *byte_ids;
  const uint32_t *merge_starts;
  const tc_blob_merge *merges;
  const tc_blob_added *added;
  const int32_t *opening;
  const int32_t *closing;
  const int32_t *ends;
  const tc_blob_range *classes;
  const tc_blob_range *combining;
  const tc_blob_decomposition *decompositions;
  const tc_blob_composition *compositions;
  const char *scores; /* doubles, not aligned */
  const uint32_t *rules;
  const char *rule_text;
  uint32_t added_starts[257]; /* first added token with that first byte */
  uint32_t word_starts[257];  /* the same in `lookup` */
  int32_t ascii[128];         /* ids of single characters; -1: none */
};

/* The text of an id in range. */
static inline const char *tc_token_text(const tc_tokenizer *t, int32_t id,
                                        size_t *bytes) {
  *bytes = t->spans[id + 1] - t->spans[id];
  return t->text + t->spans[id];
}

/* The id with exactly that text; -1: none. */
int32_t tc_find_token(const tc_tokenizer *t, const char *text, size_t bytes);

/* The next longer token that s[0..n) begins with. Opened for each place in a
 * text anew: all entries of `lookup` from low to high begin with its bytes. */
typedef struct tc_prefixes {
  uint32_t low, high;
  size_t bytes;
} tc_prefixes;

static inline tc_prefixes tc_prefixes_open(const tc_tokenizer *t, char first) {
  unsigned char byte = (unsigned char)first;
  return (tc_prefixes){t->word_starts[byte], t->word_starts[byte + 1], 1};
}

/* Its id, and its length in `prefixes->bytes`; -1: no more. */
int32_t tc_prefixes_next(const tc_tokenizer *t, tc_prefixes *prefixes,
                         const char *s, size_t n);

#endif
