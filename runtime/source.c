/* Sources of encoder-decoders: read whole, as many at once as a call takes. */
#include "runtime/draft.h"

static tc_status checkEntry(const tc_engine *engine, const tc_entry *entry) {
  const tc_model *model = engine->model;
  if (!entry->session || entry->session->engine != engine || !entry->tokens ||
      !entry->count || (entry->want && !entry->output) ||
      (entry->want != TC_WANT_NONE && entry->want != TC_WANT_ALL) ||
      !tc_is_aligned(entry->tokens) || !tc_is_aligned(entry->output))
    return TC_BAD_ARGUMENT;
  if (entry->count > model->source_context)
    return TC_SOURCE_TOO_LONG;
  return tc_check_tokens(entry, model->source_vocab);
}

static void runEntries(tc_engine *engine, const tc_entry *entries,
                       size_t count) {
  const tc_model *model = engine->model;
  tc_draft step = tc_draft_of(engine);
  step.code = model->encode;
  step.width = model->source_dim;
  for (size_t i = 0; i < count; ++i) {
    const tc_entry *entry = &entries[i];
    if (entry->count > model->source_max_rows - step.rows)
      tc_draft_run(&step);
    size_t first = step.rows;
    tc_draft_rows(&step, entry->tokens, entry->count, 0, entry->session->cache,
                  entry->count);
    for (size_t row = 0; entry->want && row < entry->count; ++row)
      tc_draft_output(&step, first + row,
                      entry->output + row * model->source_dim);
  }
  tc_draft_run(&step);
  for (size_t i = 0; i < count; ++i) {
    entries[i].session->source = entries[i].count;
    entries[i].session->length = 0;
  }
}

tc_status tc_engine_encode_sources(tc_engine *engine, const tc_entry *entries,
                                   size_t count) {
  if (!engine || (count && !entries) || !engine->model->encode)
    return TC_BAD_ARGUMENT;
  return tc_draft_entries(engine, entries, count, checkEntry, runEntries);
}

tc_status tc_session_encode(tc_session *session, const int32_t *source,
                            size_t count) {
  if (!session)
    return TC_BAD_ARGUMENT;
  const tc_entry entry = {session, source, count, TC_WANT_NONE,
                          NULL,    NULL,   NULL};
  return tc_engine_encode_sources(session->engine, &entry, 1);
}

size_t tc_session_source_length(const tc_session *session) {
  return session->source;
}

int tc_has_sources(const tc_model *model) { return model->encode != NULL; }
