/* Cuts what the caller wants into steps of the model, each within its limits of
 * rows and outputs, and runs them one after the other. */
#include "runtime/draft.h"

#include <string.h>

/* ---- Tokens and rows ---------------------------------------------------- */

static tc_status checkTypes(const tc_model *model, const int32_t *types,
                            size_t rows) {
  if (types && (!model->types || !tc_is_aligned(types)))
    return TC_BAD_ARGUMENT;
  for (size_t i = 0; types && i < rows; ++i)
    if (types[i] < 0 || (uint32_t)types[i] >= model->types)
      return TC_BAD_TYPE;
  return TC_OK;
}

static tc_status checkEntry(const tc_engine *engine, const tc_entry *entry) {
  const tc_model *model = engine->model;
  int sessions = tc_has_sessions(model);
  int rows = model->input == TC_INPUT_ROWS;
  if (rows != (entry->rows != NULL) || rows != (entry->tokens == NULL) ||
      !entry->count || (entry->want && !entry->output) ||
      !tc_is_aligned(entry->tokens) || !tc_is_aligned(entry->rows) ||
      !tc_is_aligned(entry->output) ||
      !tc_taps_are_aligned(model, entry->taps) || entry->want < TC_WANT_NONE ||
      entry->want > TC_WANT_ALL || sessions != (entry->session != NULL) ||
      (sessions && entry->session->engine != engine))
    return TC_BAD_ARGUMENT;
  if (tc_has_sources(model) && !entry->session->source)
    return TC_NO_SOURCE;
  size_t held = sessions ? entry->session->length : 0;
  if (sessions && held == 0 && entry->count < entry->session->prefix)
    return TC_BAD_ARGUMENT;
  if (entry->count > model->context - held)
    return TC_CONTEXT_FULL;
  size_t made = tc_step_rows(model, entry->count);
  if (!model->causal && !model->queries &&
      (entry->count > model->max_rows ||
       (!model->pooled && entry->want == TC_WANT_ALL &&
        made > model->max_outputs)))
    return TC_TOO_LONG;
  tc_status status = checkTypes(model, entry->types, entry->count);
  if (status)
    return status;
  if (!made)
    return TC_TOO_SHORT;
  return rows ? tc_check_reals(entry->rows, entry->count * tc_input_size(model))
              : tc_check_tokens(entry, model->vocab);
}

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/* How many of the `left` rows fit into the step beside what it holds. */
static size_t rowsThatFit(const tc_draft *step, const tc_entry *entry,
                          size_t left) {
  const tc_model *model = step->engine->model;
  size_t room = model->max_rows - step->rows;
  size_t outputs = model->max_outputs - step->outputs;
  if (!model->causal) {
    size_t wanted = model->pooled                 ? 1
                    : entry->want == TC_WANT_ALL  ? tc_step_rows(model, left)
                    : entry->want == TC_WANT_LAST ? 1
                                                  : 0;
    return left <= room && wanted <= outputs &&
                   (entry->session ||
                    step->sequences < step->engine->slot_count)
               ? left
               : 0;
  }
  size_t rows = smaller(left, room);
  if (entry->want == TC_WANT_ALL)
    rows = smaller(rows, outputs);
  else if (entry->want == TC_WANT_LAST && rows == left && outputs == 0)
    rows = 0;
  int first = left == entry->count && entry->session->length == 0;
  return first && rows < entry->session->prefix ? 0 : rows;
}

static void addPiece(tc_draft *step, const tc_entry *entry, size_t done,
                     size_t rows) {
  const tc_engine *engine = step->engine;
  const int32_t *tokens = entry->tokens ? entry->tokens + done : NULL;
  size_t first = step->rows, made = step->made;
  int last = done + rows == entry->count;
  tc_draft_taps(step, entry->taps, done, rows);
  if (entry->rows) {
    size_t width = tc_input_size(engine->model);
    memcpy(engine->rows + first * width, entry->rows + done * width,
           rows * width * sizeof *entry->rows);
  }
  if (entry->session) {
    tc_draft_rows(step, tokens, rows, entry->session->length + done,
                  entry->session->cache,
                  tc_made_rows(engine->model, entry->session->source));
    tc_draft_prefix(step, first, entry->session->prefix);
  } else {
    tc_draft_rows(
        step, tokens, rows, 0,
        engine->slots + step->sequences * tc_slot_stride(engine->model), 0);
  }
  tc_draft_types(step, first, entry->types ? entry->types + done : NULL);
  if (engine->model->pooled)
    tc_draft_output(step, made, entry->want ? entry->output : NULL);
  else if (entry->want == TC_WANT_ALL)
    for (size_t i = 0; made + i < step->made; ++i)
      tc_draft_output(step, made + i,
                      entry->output + (done + i) * engine->model->output_dim);
  else if (entry->want == TC_WANT_LAST && last)
    tc_draft_output(step, step->made - 1, entry->output);
}

static void runEntries(tc_engine *engine, const tc_entry *entries,
                       size_t count) {
  if (engine->model->queries) {
    tc_queries_run(engine, entries, count);
    return;
  }
  tc_draft step = tc_draft_of(engine);
  for (size_t i = 0; i < count; ++i)
    for (size_t done = 0; done < entries[i].count;) {
      size_t rows = rowsThatFit(&step, &entries[i], entries[i].count - done);
      if (rows == 0) {
        tc_draft_run(&step);
        continue;
      }
      addPiece(&step, &entries[i], done, rows);
      done += rows;
    }
  tc_draft_run(&step);
  /* Where rows see later ones a sequence is over when it has been computed. */
  for (size_t i = 0; i < count && engine->model->causal; ++i)
    if (entries[i].session)
      entries[i].session->length += entries[i].count;
}

tc_status tc_engine_step(tc_engine *engine, const tc_entry *entries,
                         size_t count) {
  if (!engine || (count && !entries) || engine->model->input == TC_INPUT_REALS)
    return TC_BAD_ARGUMENT;
  return tc_draft_entries(engine, entries, count, checkEntry, runEntries);
}

static tc_status encode(tc_engine *engine, const int32_t *tokens,
                        const float *rows, size_t count, float *output) {
  const tc_entry entry = {.tokens = tokens,
                          .count = count,
                          .want = TC_WANT_ALL,
                          .output = output,
                          .rows = rows};
  return tc_engine_step(engine, &entry, 1);
}

tc_status tc_engine_encode(tc_engine *engine, const int32_t *tokens,
                           size_t count, float *output) {
  return encode(engine, tokens, NULL, count, output);
}

tc_status tc_engine_encode_rows(tc_engine *engine, const float *rows,
                                size_t count, float *output) {
  return encode(engine, NULL, rows, count, output);
}

/* ---- Real-valued input --------------------------------------------------- */

/* Where what taps hand out of input number `number` goes, of `taps` for all of
 * them. */
static float *const *tapsOfInput(tc_engine *engine, float *const *taps,
                                 size_t number) {
  const tc_model *model = engine->model;
  for (uint32_t i = 0; taps && i < model->tap_count; ++i) {
    const tc_tap *tap = &model->taps[i];
    size_t size = tc_tap_rows(model, tap, 1) * tc_tap_size(tap);
    engine->shifted[i] = taps[i] ? taps[i] + number * size : NULL;
  }
  return taps ? engine->shifted : NULL;
}

static void runQueries(tc_engine *engine, const float *input, size_t count,
                       float *output, float *const *taps) {
  const tc_model *model = engine->model;
  size_t size = (size_t)model->queries * model->output_dim;
  for (size_t i = 0; i < count; ++i) {
    const tc_entry entry = {.count = 1,
                            .want = TC_WANT_ALL,
                            .output = output + i * size,
                            .rows = input + i * tc_input_size(model),
                            .taps = tapsOfInput(engine, taps, i)};
    tc_queries_run(engine, &entry, 1);
  }
}

/* The rows before those of the input have the type 0. */
static void addTypes(tc_draft *step, size_t first, const int32_t *types) {
  tc_draft_types(step, first, NULL);
  if (types)
    tc_draft_types(step, step->rows - step->engine->model->typed_rows, types);
}

static void runInputs(tc_engine *engine, const float *input,
                      const int32_t *types, size_t count, float *output,
                      float *const *taps) {
  const tc_model *model = engine->model;
  size_t rows = model->rows_per_input, outputs = tc_output_rows(model);
  size_t most = smaller(engine->slot_count, model->max_outputs / outputs);
  for (size_t done = 0; done < count;) {
    tc_draft step = tc_draft_of(engine);
    step.input = input + done * tc_input_size(model);
    size_t now = smaller(most, count - done);
    for (size_t i = 0; i < now; ++i, ++done) {
      size_t first = step.made, held = step.rows;
      tc_draft_taps(&step, tapsOfInput(engine, taps, done), 0, rows);
      tc_draft_rows(&step, NULL, rows, 0,
                    engine->slots + i * tc_slot_stride(model), 0);
      addTypes(&step, held, types ? types + done * model->typed_rows : NULL);
      for (size_t row = 0; row < outputs; ++row)
        tc_draft_output(&step, first + row,
                        output + (done * outputs + row) * model->output_dim);
    }
    tc_draft_run(&step);
  }
}

tc_status tc_engine_run(tc_engine *engine, const float *input, size_t count,
                        float *output) {
  return tc_engine_run_types(engine, input, NULL, count, output);
}

tc_status tc_engine_run_types(tc_engine *engine, const float *input,
                              const int32_t *types, size_t count,
                              float *output) {
  return tc_engine_run_taps(engine, input, types, count, output, NULL);
}

tc_status tc_engine_run_taps(tc_engine *engine, const float *input,
                             const int32_t *types, size_t count, float *output,
                             float *const *taps) {
  if (!engine || !input || !output || !count || !tc_is_aligned(input) ||
      !tc_is_aligned(output) || !tc_taps_are_aligned(engine->model, taps) ||
      engine->model->input != TC_INPUT_REALS)
    return TC_BAD_ARGUMENT;
  tc_status status =
      checkTypes(engine->model, types, count * engine->model->typed_rows);
  if (!status)
    status = tc_engine_begin(engine);
  if (status)
    return status;
  if (engine->model->queries)
    runQueries(engine, input, count, output, taps);
  else
    runInputs(engine, input, types, count, output, taps);
  tc_engine_end(engine);
  return TC_OK;
}
