/* Sources of encoder-decoders: read whole, as many at once as a call takes. */
#include "runtime/draft.h"

#include <string.h>

static tc_status checkEntry(const tc_engine *engine, const tc_entry *entry) {
  const tc_model *model = engine->model;
  int tokens = model->source_input == TC_INPUT_TOKENS;
  if (!entry->session || entry->session->engine != engine ||
      tokens != (entry->tokens != NULL) || tokens != (entry->rows == NULL) ||
      !entry->count || (entry->want && !entry->output) ||
      (entry->want != TC_WANT_NONE && entry->want != TC_WANT_ALL) ||
      !tc_is_aligned(entry->tokens) || !tc_is_aligned(entry->rows) ||
      !tc_is_aligned(entry->output) ||
      !tc_taps_are_aligned(model, entry->taps) ||
      (model->source_input == TC_INPUT_REALS && entry->count != 1))
    return TC_BAD_ARGUMENT;
  if (entry->count > model->source_context)
    return TC_SOURCE_TOO_LONG;
  if (!tc_encoded_rows(model, entry->count))
    return TC_TOO_SHORT;
  return tokens ? tc_check_tokens(entry, model->source_vocab)
                : tc_check_reals(entry->rows,
                                 entry->count * tc_source_size(model));
}

/* An empty call of the encoder. */
static tc_draft draftOf(tc_engine *engine) {
  const tc_model *model = engine->model;
  tc_draft step = tc_draft_of(engine);
  step.code = model->encode;
  step.width = model->source_dim;
  int tokens = model->source_input == TC_INPUT_TOKENS;
  step.tokens = tokens ? engine->tokens : NULL;
  step.input = tokens ? NULL : engine->rows;
  return step;
}

/* Reals go behind those that the call has: of rows, or of arrays. */
static void addReals(const tc_draft *step, const tc_entry *entry) {
  const tc_model *model = step->engine->model;
  size_t size = tc_source_size(model);
  size_t before =
      model->source_input == TC_INPUT_REALS ? step->sequences : step->rows;
  memcpy(step->engine->rows + before * size, entry->rows,
         entry->count * size * sizeof(float));
}

void tc_draft_sources(tc_engine *engine, const tc_entry *entries,
                      size_t count) {
  const tc_model *model = engine->model;
  tc_draft step = draftOf(engine);
  for (size_t i = 0; i < count; ++i) {
    const tc_entry *entry = &entries[i];
    size_t rows = tc_source_rows(model, entry->count);
    if (rows > model->source_max_rows - step.rows ||
        (model->max_sequences && step.sequences >= model->max_sequences))
      tc_draft_run(&step);
    size_t first = step.made;
    void *cache = entry->session ? entry->session->cache
                                 : engine->slots + i * tc_slot_stride(model);
    if (entry->rows)
      addReals(&step, entry);
    tc_draft_taps(&step, entry->taps, 0, rows);
    tc_draft_rows(&step, entry->tokens, rows, 0, cache, rows);
    for (size_t row = 0;
         entry->session && entry->want && first + row < step.made; ++row)
      tc_draft_output(&step, first + row,
                      entry->output + row * model->source_dim);
  }
  tc_draft_run(&step);
}

static void runEntries(tc_engine *engine, const tc_entry *entries,
                       size_t count) {
  tc_draft_sources(engine, entries, count);
  for (size_t i = 0; i < count; ++i) {
    entries[i].session->source =
        tc_source_rows(engine->model, entries[i].count);
    entries[i].session->length = 0;
  }
}

tc_status tc_engine_encode_sources(tc_engine *engine, const tc_entry *entries,
                                   size_t count) {
  if (!engine || (count && !entries) || !tc_has_sources(engine->model))
    return TC_BAD_ARGUMENT;
  return tc_draft_entries(engine, entries, count, checkEntry, runEntries);
}

static tc_status encode(tc_session *session, const int32_t *tokens,
                        const float *reals, size_t count) {
  if (!session)
    return TC_BAD_ARGUMENT;
  const tc_entry entry = {
      .session = session, .tokens = tokens, .count = count, .rows = reals};
  return tc_engine_encode_sources(session->engine, &entry, 1);
}

tc_status tc_session_encode(tc_session *session, const int32_t *source,
                            size_t count) {
  return encode(session, source, NULL, count);
}

tc_status tc_session_encode_reals(tc_session *session, const float *source,
                                  size_t count) {
  return encode(session, NULL, source, count);
}

size_t tc_session_source_length(const tc_session *session) {
  return session->source;
}

int tc_has_sources(const tc_model *model) {
  return model->encode && !model->queries;
}
