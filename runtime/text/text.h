/* From text to token ids and back, and from logits to the next id. Reads the
 * tokenizer of a weights file where it lies; needs the C library alone. */
#ifndef TRANSFORMER_RUNTIME_TEXT_TEXT_H
#define TRANSFORMER_RUNTIME_TEXT_TEXT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tc_tokenizer tc_tokenizer;

typedef enum tc_text_status {
  TC_TEXT_OK = 0,
  TC_TEXT_NO_MEMORY,
  TC_TEXT_TOO_LONG,      /* a text of 2 GB or more */
  TC_TEXT_NOT_TOKENIZER, /* wrong magic or alignment */
  TC_TEXT_VERSION,       /* of another version of this library */
  TC_TEXT_CORRUPT        /* something in it is out of range */
} tc_text_status;

/* What a status means, in lower case. */
const char *tc_text_error(int status);

/* Checks the whole of `blob` (aligned to 4) and makes a tokenizer that reads it
 * in place: the blob must stay, unchanged, until the tokenizer is closed. One
 * tokenizer may be used by many threads at once. */
int tc_tokenizer_open(const void *blob, size_t bytes, tc_tokenizer **out);
void tc_tokenizer_close(tc_tokenizer *tokenizer);

/* Number of ids it knows, 0 to size - 1. A model may have more or fewer. */
int32_t tc_tokenizer_size(const tc_tokenizer *tokenizer);

/* The id a text begins with (also to start from nothing); -1: none. */
int32_t tc_tokenizer_bos(const tc_tokenizer *tokenizer);
/* The first of the ids that end a text; -1: none. */
int32_t tc_tokenizer_eos(const tc_tokenizer *tokenizer);
/* 1 if `id` is any of the ids that end a text. */
int tc_tokenizer_is_end(const tc_tokenizer *tokenizer, int32_t id);
/* 1 if `id` was added to the vocabulary: as a rule a mark, not a piece of
 * texts. */
int tc_tokenizer_is_added(const tc_tokenizer *tokenizer, int32_t id);

/* Writes the ids of a text, as many as `capacity` holds, and returns how many
 * there are; minus a tc_text_status if that fails. Any bytes will do: what is
 * not UTF-8 counts as single bytes. With `with_bos`, the ids are there, too,
 * that the model expects before and behind every text, if it expects any. */
ptrdiff_t tc_encode(const tc_tokenizer *tokenizer, const char *text,
                    size_t bytes, int with_bos, int32_t *ids, size_t capacity);

/* Writes the bytes that `id` stands for after the id `previous` (-1: nothing),
 * as many as `capacity` holds, and returns how many there are. A character may
 * be spread over several ids. No terminating zero. */
size_t tc_decode_piece(const tc_tokenizer *tokenizer, int32_t previous,
                       int32_t id, char *buffer, size_t capacity);

typedef struct tc_sampling {
  float temperature; /* 0: the most likely id; among equals the lowest */
  int32_t top_k;     /* choose among the k most likely; 0: all */
  float top_p;       /* ... the fewest that have probability p; 1: all */
} tc_sampling;

/* Size of the scratch memory that sampling needs (aligned to 4). */
size_t tc_sample_scratch_bytes(int32_t vocab);

/* The next id, chosen by logits[vocab]; advances the random state, which may
 * start from any value. The same on every machine. */
int32_t tc_sample(const float *logits, int32_t vocab,
                  const tc_sampling *sampling, uint64_t *rng_state,
                  void *scratch);
/* The same with a given number in [0, 1) in place of a random one: the first
 * id, most likely first, where the sum of the probabilities exceeds u. */
int32_t tc_sample_with(const float *logits, int32_t vocab,
                       const tc_sampling *sampling, double u, void *scratch);

#ifdef __cplusplus
}
#endif
#endif
