/* The ids of one word: byte-pair encoding, WordPiece, or unigram. */
#ifndef TRANSFORMER_RUNTIME_TEXT_MERGE_H
#define TRANSFORMER_RUNTIME_TEXT_MERGE_H

#include "runtime/text/tokenizer.h"

/* Where ids go; counts also what does not fit. */
typedef struct tc_id_list {
  int32_t *ids;
  size_t capacity, count;
} tc_id_list;

static inline void tc_push_id(tc_id_list *list, int32_t id) {
  if (list->count < list->capacity)
    list->ids[list->count] = id;
  ++list->count;
}

/* A symbol of the word, in a doubly linked list. */
typedef struct tc_symbol {
  int32_t id;
  uint32_t previous, next;
} tc_symbol;

/* A merge that was possible when it was noted. */
typedef struct tc_candidate {
  uint32_t rank, at; /* at: index of the left symbol */
  int32_t left, right;
} tc_candidate;

/* The best way to a place between two characters. */
typedef struct tc_place {
  double sum;    /* of scores */
  int32_t id;    /* of the token that ends here */
  uint32_t from; /* where it begins */
} tc_place;

/* Memory that words use one after the other; zero to begin with. */
typedef struct tc_merge_space {
  tc_symbol *symbols;
  tc_candidate *heap;
  size_t capacity; /* in symbols */
  size_t waiting;  /* candidates in the heap */
  tc_place *places;
  size_t place_capacity;
} tc_merge_space;

void tc_merge_space_free(tc_merge_space *space);

/* Appends the ids of the word; a tc_text_status. */
int tc_merge_word(const tc_tokenizer *t, const char *word, size_t bytes,
                  tc_merge_space *space, tc_id_list *out);

/* Appends the ids of the word's pieces (TC_TOKENIZER_WORD_PIECES). */
void tc_cut_word(const tc_tokenizer *t, const char *word, size_t bytes,
                 tc_id_list *out);

/* Appends the ids of the word's best cut (TC_TOKENIZER_UNIGRAM); a
 * tc_text_status. */
int tc_cut_best(const tc_tokenizer *t, const char *word, size_t bytes,
                tc_merge_space *space, tc_id_list *out);

/* 1 if each byte has an id of its own. */
int tc_has_all_bytes(const tc_tokenizer *t, const char *s, size_t n);

#endif
