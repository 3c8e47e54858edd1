/* Byte-pair encoding: symbols in a linked list, possible merges in a heap by
 * rank, then place. A merge leaves outdated candidates in the heap; they are
 * known by ids that no longer match. O(n log n), whatever the text. */
#include "runtime/text/merge.h"
#include "runtime/text/unicode.h"

#include <stdlib.h>

#define NONE UINT32_MAX

void tc_merge_space_free(tc_merge_space *space) {
  free(space->symbols);
  free(space->heap);
  free(space->places);
}

static int reserve(tc_merge_space *space, size_t symbols) {
  if (symbols <= space->capacity)
    return TC_TEXT_OK;
  size_t capacity = symbols < 64 ? 64 : symbols;
  free(space->symbols);
  free(space->heap);
  space->symbols = malloc(capacity * sizeof *space->symbols);
  /* n - 1 pairs at first; each of n - 1 merges takes one out and puts at most
     two in. */
  space->heap = malloc(2 * capacity * sizeof *space->heap);
  space->capacity = space->symbols && space->heap ? capacity : 0;
  return space->capacity ? TC_TEXT_OK : TC_TEXT_NO_MEMORY;
}

static const tc_blob_merge *find_merge(const tc_tokenizer *t, int32_t left,
                                       int32_t right) {
  uint32_t low = t->merge_starts[left], high = t->merge_starts[left + 1];
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (t->merges[middle].right < right)
      low = middle + 1;
    else if (t->merges[middle].right > right)
      high = middle;
    else
      return &t->merges[middle];
  }
  return NULL;
}

static int before(const tc_candidate *a, const tc_candidate *b) {
  return a->rank != b->rank ? a->rank < b->rank : a->at < b->at;
}

static void put(tc_merge_space *space, tc_candidate candidate) {
  size_t i = space->waiting++;
  for (; i > 0 && before(&candidate, &space->heap[(i - 1) / 2]);
       i = (i - 1) / 2)
    space->heap[i] = space->heap[(i - 1) / 2];
  space->heap[i] = candidate;
}

static tc_candidate take(tc_merge_space *space) {
  tc_candidate *heap = space->heap, first = heap[0];
  size_t n = --space->waiting, i = 0;
  tc_candidate last = heap[n];
  for (size_t child; (child = 2 * i + 1) < n; i = child) {
    if (child + 1 < n && before(&heap[child + 1], &heap[child]))
      ++child;
    if (!before(&heap[child], &last))
      break;
    heap[i] = heap[child];
  }
  heap[i] = last;
  return first;
}

/* Notes the merge of symbol `at` with the next, if there is one. */
static void note(const tc_tokenizer *t, tc_merge_space *space, uint32_t at) {
  const tc_symbol *symbols = space->symbols;
  if (at == NONE || symbols[at].next == NONE)
    return;
  int32_t left = symbols[at].id, right = symbols[symbols[at].next].id;
  const tc_blob_merge *merge = find_merge(t, left, right);
  if (merge)
    put(space, (tc_candidate){merge->rank, at, left, right});
}

static uint32_t add_symbol(tc_merge_space *space, uint32_t n, int32_t id) {
  space->symbols[n] = (tc_symbol){id, n ? n - 1 : NONE, n + 1};
  return n + 1;
}

/* What is left for bytes without a token. */
static uint32_t add_unknown(const tc_tokenizer *t, tc_merge_space *space,
                            uint32_t n) {
  int32_t id = t->header->unknown;
  int fused = t->header->flags & TC_TOKENIZER_FUSE_UNKNOWN && n &&
              space->symbols[n - 1].id == id;
  return id < 0 || fused ? n : add_symbol(space, n, id);
}

int tc_has_all_bytes(const tc_tokenizer *t, const char *s, size_t n) {
  for (size_t i = 0; i < n; ++i)
    if (t->byte_ids[(unsigned char)s[i]] < 0)
      return 0;
  return 1;
}

/* Puts the first symbols in line; returns their number. */
static uint32_t first_symbols(const tc_tokenizer *t, const char *word,
                              size_t bytes, tc_merge_space *space) {
  int by_bytes = t->header->flags & TC_TOKENIZER_BYTES;
  uint32_t n = 0, character;
  for (size_t at = 0, length; at < bytes; at += length) {
    length = by_bytes ? 1 : tc_utf8_read(word + at, bytes - at, &character);
    int32_t id = -1;
    if (!by_bytes)
      id = character < 128 ? t->ascii[character]
                           : tc_find_token(t, word + at, length);
    if (id >= 0) {
      n = add_symbol(space, n, id);
    } else if (tc_has_all_bytes(t, word + at, length)) {
      for (size_t i = 0; i < length; ++i)
        n = add_symbol(space, n, t->byte_ids[(unsigned char)word[at + i]]);
    } else {
      n = add_unknown(t, space, n);
    }
  }
  if (n)
    space->symbols[n - 1].next = NONE;
  return n;
}

static void merge_all(const tc_tokenizer *t, tc_merge_space *space) {
  tc_symbol *symbols = space->symbols;
  while (space->waiting) {
    tc_candidate c = take(space);
    tc_symbol *left = &symbols[c.at];
    if (left->id != c.left || left->next == NONE ||
        symbols[left->next].id != c.right)
      continue;
    tc_symbol *right = &symbols[left->next];
    left->id = find_merge(t, c.left, c.right)->result;
    left->next = right->next;
    right->id = -1; /* matches no candidate */
    if (left->next != NONE)
      symbols[left->next].previous = c.at;
    note(t, space, left->previous);
    note(t, space, c.at);
  }
}

int tc_merge_word(const tc_tokenizer *t, const char *word, size_t bytes,
                  tc_merge_space *space, tc_id_list *out) {
  if (t->header->flags & TC_TOKENIZER_WORD_PIECES) {
    tc_cut_word(t, word, bytes, out);
    return TC_TEXT_OK;
  }
  if (t->header->flags & TC_TOKENIZER_UNIGRAM)
    return tc_cut_best(t, word, bytes, space, out);
  if (t->header->flags & TC_TOKENIZER_WHOLE_WORDS) {
    int32_t id = tc_find_token(t, word, bytes);
    if (id >= 0) {
      tc_push_id(out, id);
      return TC_TEXT_OK;
    }
  }
  int status = reserve(space, bytes);
  if (status)
    return status;
  uint32_t n = first_symbols(t, word, bytes, space);
  space->waiting = 0;
  for (uint32_t i = 0; i + 1 < n; ++i)
    note(t, space, i);
  merge_all(t, space);
  for (uint32_t i = n ? 0 : NONE; i != NONE; i = space->symbols[i].next)
    tc_push_id(out, space->symbols[i].id);
  return TC_TEXT_OK;
}
