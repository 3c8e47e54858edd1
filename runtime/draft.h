/* A step of generated code while it is being filled. */
#ifndef TRANSFORMER_RUNTIME_DRAFT_H
#define TRANSFORMER_RUNTIME_DRAFT_H

#include "runtime/engine.h"

typedef struct tc_draft {
  tc_engine *engine;
  void (*code)(const tc_step *step);
  size_t width;          /* of output rows */
  const int32_t *tokens; /* null: it takes reals, or nothing */
  const float *input;
  size_t rows, sequences, tiles, outputs;
  size_t made; /* rows that come out */
} tc_draft;

/* An empty step of the model. */
tc_draft tc_draft_of(tc_engine *engine);

/* Reads the source of each entry, in as many calls as that takes; into the
 * cache of its session, or of the slot of its number. */
void tc_draft_sources(tc_engine *engine, const tc_entry *entries, size_t count);

/* Adds rows of one sequence, from position `position` on; `source` is the
 * number of rows of its source. */
void tc_draft_rows(tc_draft *step, const int32_t *tokens, size_t rows,
                   size_t position, void *cache, size_t source);

/* Where taps of so many rows go that will be added next, `taps` of tc_entry for
 * a sequence of which `done` rows were before. Of rows that are made the first
 * one's place is that of all. */
void tc_draft_taps(tc_draft *step, float *const *taps, size_t done,
                   size_t rows);
int tc_taps_are_aligned(const tc_model *model, float *const *taps);

/* Lets the rows from `first` on see no fewer than `prefix` rows. */
void tc_draft_prefix(tc_draft *step, size_t first, size_t prefix);

/* Gives the rows from `first` on their types; null: all 0. */
void tc_draft_types(tc_draft *step, size_t first, const int32_t *types);

/* Wants the output of a row, which goes to `target`; null: nowhere. */
void tc_draft_output(tc_draft *step, size_t row, float *target);

/* Runs what it holds, if anything, and empties it. */
void tc_draft_run(tc_draft *step);

/* Takes the sessions of all entries, checks each entry, and runs them in a turn
 * of the engine. */
tc_status tc_draft_entries(
    tc_engine *engine, const tc_entry *entries, size_t count,
    tc_status (*check)(const tc_engine *engine, const tc_entry *entry),
    void (*run)(tc_engine *engine, const tc_entry *entries, size_t count));

/* The rows that a model of queries makes of each entry's input. */
void tc_queries_run(tc_engine *engine, const tc_entry *entries, size_t count);

/* TC_BAD_ROW if one of `count` floats is not finite. */
tc_status tc_check_reals(const float *values, size_t count);
/* TC_BAD_TOKEN if one is not below `vocab`. */
tc_status tc_check_tokens(const tc_entry *entry, uint32_t vocab);

static inline int tc_is_aligned(const void *pointer) {
  return (uintptr_t)pointer % sizeof(float) == 0;
}

#endif
