/* Cuts what the caller wants into steps of the model, each within its limits of
 * rows and outputs, and runs them one after the other. */
#include "runtime/engine.h"

#include <string.h>

/* The step being filled. */
typedef struct draft {
  tc_engine *engine;
  const float *input;
  size_t rows, sequences, tiles, outputs;
} draft;

static void addTiles(draft *step, size_t rows, size_t held) {
  const tc_model *model = step->engine->model;
  for (size_t done = 0; done < rows; done += model->tile_rows) {
    size_t left = rows - done;
    int32_t *tile = step->engine->tiles + 4 * step->tiles++;
    tile[0] = (int32_t)(step->rows + done);
    tile[1] = (int32_t)(left < model->tile_rows ? left : model->tile_rows);
    tile[2] = (int32_t)held;
    tile[3] = (int32_t)step->sequences;
  }
}

/* Rows of one sequence, from position `position` on. */
static void addRows(draft *step, const int32_t *tokens, size_t rows,
                    size_t position, void *cache) {
  tc_engine *engine = step->engine;
  addTiles(step, rows, position + rows);
  engine->starts[step->sequences++] = (int32_t)step->rows;
  if (tokens)
    memcpy(engine->tokens + step->rows, tokens, rows * sizeof *tokens);
  for (size_t i = 0; i < rows; ++i) {
    engine->positions[step->rows + i] = (int32_t)(position + i);
    engine->caches[step->rows + i] = cache;
  }
  step->rows += rows;
}

static void addOutput(draft *step, size_t row, float *target) {
  step->engine->outputs[step->outputs] = (int32_t)row;
  step->engine->targets[step->outputs++] = target;
}

/* The targets as one array of rows; null if they are not. */
static float *contiguousTargets(const draft *step) {
  float **targets = step->engine->targets;
  size_t width = step->engine->model->output_dim;
  for (size_t i = 0; i < step->outputs; ++i)
    if (!targets[i] || (i && targets[i] != targets[i - 1] + width))
      return NULL;
  return step->outputs ? targets[0] : NULL;
}

static void runStep(draft *step) {
  tc_engine *engine = step->engine;
  const tc_model *model = engine->model;
  if (step->rows == 0)
    return;
  engine->starts[step->sequences] = (int32_t)step->rows;
  float *direct = contiguousTargets(step);
  /* A forked process has the pool's memory but not its threads. */
  int alone = engine->pool && !tc_pool_usable(engine->pool);
  const tc_step call = {
      .weights = tc_weights_data(engine->weights),
      .scratch = engine->scratch,
      .tokens = step->input ? NULL : engine->tokens,
      .input = step->input,
      .positions = engine->positions,
      .caches = engine->caches,
      .starts = engine->starts,
      .tiles = engine->tiles,
      .outputs = engine->outputs,
      .output = direct ? direct : engine->gathered,
      .rows = step->rows,
      .sequences = step->sequences,
      .tile_count = step->tiles,
      .output_count = step->outputs,
      .parallel_for = alone ? NULL : engine->parallel_for,
      .pool = engine->parallel_state,
      .report = engine->report,
      .report_state = engine->report_state,
  };
  model->step(&call);
  size_t width = model->output_dim;
  for (size_t i = 0; !direct && i < step->outputs; ++i)
    if (engine->targets[i])
      memcpy(engine->targets[i], engine->gathered + i * width,
             width * sizeof(float));
  step->rows = step->sequences = step->tiles = step->outputs = 0;
}

static int isAligned(const void *pointer) {
  return (uintptr_t)pointer % sizeof(float) == 0;
}

/* ---- Tokens -------------------------------------------------------------- */

static tc_status checkEntry(const tc_engine *engine, const tc_entry *entry) {
  const tc_model *model = engine->model;
  int sessions = tc_has_sessions(model);
  if (!entry->tokens || !entry->count || (entry->want && !entry->output) ||
      !isAligned(entry->tokens) || !isAligned(entry->output) ||
      entry->want < TC_WANT_NONE || entry->want > TC_WANT_ALL ||
      sessions != (entry->session != NULL) ||
      (sessions && entry->session->engine != engine))
    return TC_BAD_ARGUMENT;
  size_t held = sessions ? entry->session->length : 0;
  if (entry->count > model->context - held)
    return TC_CONTEXT_FULL;
  if (!sessions && (entry->count > model->max_rows ||
                    (!model->pooled && entry->want == TC_WANT_ALL &&
                     entry->count > model->max_outputs)))
    return TC_TOO_LONG;
  for (size_t i = 0; i < entry->count; ++i)
    if (entry->tokens[i] < 0 || (uint32_t)entry->tokens[i] >= model->vocab)
      return TC_BAD_TOKEN;
  return TC_OK;
}

/* Takes the sessions of all entries, or of none. */
static tc_status takeSessions(const tc_entry *entries, size_t count) {
  for (size_t i = 0; i < count; ++i)
    if (entries[i].session && !tc_session_take(entries[i].session)) {
      while (i-- > 0)
        if (entries[i].session)
          tc_session_release(entries[i].session);
      return TC_BUSY;
    }
  return TC_OK;
}

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/* How many of the `left` rows fit into the step beside what it holds. */
static size_t rowsThatFit(const draft *step, const tc_entry *entry,
                          size_t left) {
  const tc_model *model = step->engine->model;
  size_t room = model->max_rows - step->rows;
  size_t outputs = model->max_outputs - step->outputs;
  if (!entry->session) {
    size_t wanted = model->pooled                 ? 1
                    : entry->want == TC_WANT_ALL  ? left
                    : entry->want == TC_WANT_LAST ? 1
                                                  : 0;
    return left <= room && wanted <= outputs &&
                   step->sequences < step->engine->slot_count
               ? left
               : 0;
  }
  size_t rows = smaller(left, room);
  if (entry->want == TC_WANT_ALL)
    rows = smaller(rows, outputs);
  else if (entry->want == TC_WANT_LAST && rows == left && outputs == 0)
    rows = 0;
  return rows;
}

static void addPiece(draft *step, const tc_entry *entry, size_t done,
                     size_t rows) {
  const tc_engine *engine = step->engine;
  size_t first = step->rows;
  int last = done + rows == entry->count;
  if (entry->session)
    addRows(step, entry->tokens + done, rows, entry->session->length + done,
            entry->session->cache);
  else
    addRows(step, entry->tokens, rows, 0,
            engine->slots + step->sequences * tc_slot_stride(engine->model));
  if (engine->model->pooled)
    addOutput(step, first, entry->want ? entry->output : NULL);
  else if (entry->want == TC_WANT_ALL)
    for (size_t i = 0; i < rows; ++i)
      addOutput(step, first + i,
                entry->output + (done + i) * engine->model->output_dim);
  else if (entry->want == TC_WANT_LAST && last)
    addOutput(step, first + rows - 1, entry->output);
}

static void runEntries(tc_engine *engine, const tc_entry *entries,
                       size_t count) {
  draft step = {.engine = engine};
  for (size_t i = 0; i < count; ++i)
    for (size_t done = 0; done < entries[i].count;) {
      size_t rows = rowsThatFit(&step, &entries[i], entries[i].count - done);
      if (rows == 0) {
        runStep(&step);
        continue;
      }
      addPiece(&step, &entries[i], done, rows);
      done += rows;
    }
  runStep(&step);
}

tc_status tc_engine_step(tc_engine *engine, const tc_entry *entries,
                         size_t count) {
  if (!engine || (count && !entries) || engine->model->input != TC_INPUT_TOKENS)
    return TC_BAD_ARGUMENT;
  tc_status status = takeSessions(entries, count);
  if (status)
    return status;
  for (size_t i = 0; i < count && !status; ++i)
    status = checkEntry(engine, &entries[i]);
  if (!status)
    status = tc_engine_begin(engine);
  if (!status) {
    status = tc_weights_intact(engine->weights) ? TC_OK : TC_TRUNCATED;
    if (!status)
      runEntries(engine, entries, count);
    tc_engine_end(engine);
  }
  for (size_t i = 0; i < count; ++i)
    if (entries[i].session) {
      if (!status)
        entries[i].session->length += entries[i].count;
      tc_session_release(entries[i].session);
    }
  return status;
}

tc_status tc_engine_encode(tc_engine *engine, const int32_t *tokens,
                           size_t count, float *output) {
  const tc_entry entry = {NULL, tokens, count, TC_WANT_ALL, output};
  return tc_engine_step(engine, &entry, 1);
}

/* ---- Real-valued input --------------------------------------------------- */

static void runInputs(tc_engine *engine, const float *input, size_t count,
                      float *output) {
  const tc_model *model = engine->model;
  size_t rows = model->rows_per_input, outputs = tc_output_rows(model);
  size_t most = smaller(engine->slot_count, model->max_outputs / outputs);
  for (size_t done = 0; done < count;) {
    draft step = {.engine = engine,
                  .input = input + done * tc_input_size(model)};
    size_t now = smaller(most, count - done);
    for (size_t i = 0; i < now; ++i, ++done) {
      size_t first = step.rows;
      addRows(&step, NULL, rows, 0, engine->slots + i * tc_slot_stride(model));
      for (size_t row = 0; row < outputs; ++row)
        addOutput(&step, first + row,
                  output + (done * outputs + row) * model->output_dim);
    }
    runStep(&step);
  }
}

tc_status tc_engine_run(tc_engine *engine, const float *input, size_t count,
                        float *output) {
  if (!engine || !input || !output || !count || !isAligned(input) ||
      !isAligned(output) || engine->model->input != TC_INPUT_REALS)
    return TC_BAD_ARGUMENT;
  tc_status status = tc_engine_begin(engine);
  if (status)
    return status;
  status = tc_weights_intact(engine->weights) ? TC_OK : TC_TRUNCATED;
  if (!status)
    runInputs(engine, input, count, output);
  tc_engine_end(engine);
  return status;
}
