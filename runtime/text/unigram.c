/* Unigram: of all ways to cut a word into tokens the one whose scores have the
 * largest sum, found from left to right (Viterbi). Beside a place only the best
 * way to it is kept, so that time and memory grow with the length alone. */
#include "runtime/text/merge.h"
#include "runtime/text/unicode.h"

#include <stdlib.h>
#include <string.h>

enum { NO_TOKEN = -1, NOT_REACHED = -2 };

static int reserve(tc_merge_space *space, size_t places) {
  if (places <= space->place_capacity)
    return TC_TEXT_OK;
  free(space->places);
  space->places = malloc(places * sizeof *space->places);
  space->place_capacity = space->places ? places : 0;
  return space->places ? TC_TEXT_OK : TC_TEXT_NO_MEMORY;
}

static double score_of(const tc_tokenizer *t, size_t index) {
  double score;
  memcpy(&score, t->scores + index * sizeof score, sizeof score);
  return score;
}

/* Of equal sums the first, whose last token is the longest, stays. */
static void reach(const tc_tokenizer *t, tc_place *places, size_t from,
                  size_t to, int32_t id, double score) {
  double sum = places[from].sum + score;
  if (places[to].id != NOT_REACHED && !(sum > places[to].sum))
    return;
  if (t->header->flags & TC_TOKENIZER_SINGLE_SUMS)
    sum = (float)sum;
  places[to] = (tc_place){sum, id, (uint32_t)from};
}

static void find_best(const tc_tokenizer *t, const char *word, size_t bytes,
                      tc_place *places) {
  for (size_t i = 0; i <= bytes; ++i)
    places[i].id = NOT_REACHED;
  places[0] = (tc_place){0, NO_TOKEN, 0};
  for (size_t at = 0, character; at < bytes; at += character) {
    uint32_t ignored;
    character = tc_utf8_read(word + at, bytes - at, &ignored);
    int has_token = 0;
    int32_t id;
    tc_prefixes prefixes = tc_prefixes_open(t, word[at]);
    while ((id = tc_prefixes_next(t, &prefixes, word + at, bytes - at)) >= 0) {
      reach(t, places, at, at + prefixes.bytes, id, score_of(t, (size_t)id));
      has_token |= prefixes.bytes == character;
    }
    if (!has_token)
      reach(t, places, at, at + character, NO_TOKEN,
            score_of(t, t->header->size));
  }
}

/* What stands for a character without a token, after the ids from `first`. */
static void push_unknown(const tc_tokenizer *t, const char *s, size_t bytes,
                         size_t *unknown, tc_id_list *out) {
  if (tc_has_all_bytes(t, s, bytes)) {
    for (size_t i = 0; i < bytes; ++i)
      tc_push_id(out, t->byte_ids[(unsigned char)s[i]]);
    return;
  }
  int fused =
      t->header->flags & TC_TOKENIZER_FUSE_UNKNOWN && *unknown == out->count;
  if (t->header->unknown >= 0 && !fused)
    tc_push_id(out, t->header->unknown);
  *unknown = out->count;
}

int tc_cut_best(const tc_tokenizer *t, const char *word, size_t bytes,
                tc_merge_space *space, tc_id_list *out) {
  int status = reserve(space, bytes + 1);
  if (status)
    return status;
  tc_place *places = space->places;
  find_best(t, word, bytes, places);
  /* Turned around: each place on the way names the next. */
  for (uint32_t at = (uint32_t)bytes, next = at, from; next > 0; at = from) {
    from = places[at].from;
    places[at].from = next;
    next = at;
  }
  size_t unknown = SIZE_MAX; /* ids there were after the last unknown one */
  for (uint32_t at = 0, to; at < bytes; at = to) {
    to = places[at].from;
    if (places[to].id >= 0)
      tc_push_id(out, places[to].id);
    else
      push_unknown(t, word + at, to - at, &unknown, out);
  }
  return TC_TEXT_OK;
}
