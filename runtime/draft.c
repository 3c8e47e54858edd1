/* Fills the arrays of a step and calls the code of the model on them. */
#include "runtime/draft.h"

#include <string.h>

tc_draft tc_draft_of(tc_engine *engine) {
  const tc_model *model = engine->model;
  return (tc_draft){.engine = engine,
                    .code = model->step,
                    .width = model->output_dim,
                    .tokens = model->input == TC_INPUT_TOKENS && !model->queries
                                  ? engine->tokens
                                  : NULL,
                    .input = model->input == TC_INPUT_ROWS && !model->queries
                                 ? engine->rows
                                 : NULL};
}

static void addTiles(tc_draft *step, size_t rows, size_t held) {
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

void tc_draft_rows(tc_draft *step, const int32_t *tokens, size_t rows,
                   size_t position, void *cache, size_t source) {
  tc_engine *engine = step->engine;
  addTiles(step, rows, position + rows);
  engine->sources[step->sequences] = (int32_t)source;
  engine->starts[step->sequences++] = (int32_t)step->rows;
  if (tokens)
    memcpy(engine->tokens + step->rows, tokens, rows * sizeof *tokens);
  for (size_t i = 0; i < rows; ++i) {
    engine->positions[step->rows + i] = (int32_t)(position + i);
    engine->limits[step->rows + i] = (int32_t)(position + i + 1);
    engine->caches[step->rows + i] = cache;
  }
  step->rows += rows;
  const tc_model *model = engine->model;
  step->made += step->code == model->step ? tc_step_rows(model, rows)
                                          : tc_made_rows(model, rows);
}

void tc_draft_taps(tc_draft *step, float *const *taps, size_t done,
                   size_t rows) {
  const tc_model *model = step->engine->model;
  int encodes = step->code != model->step;
  uint32_t own = model->tap_count - model->source_taps;
  uint32_t begin = encodes ? own : 0, end = encodes ? model->tap_count : own;
  size_t most = encodes ? model->source_max_rows : model->max_rows;
  for (uint32_t i = begin; i < end; ++i) {
    const tc_tap *tap = &model->taps[i];
    float **places = step->engine->taps + (i - begin) * most + step->rows;
    float *to = taps ? taps[i] : NULL;
    size_t size = tc_tap_size(tap);
    for (size_t row = 0; row < (tap->made ? 1 : rows); ++row)
      places[row] = to ? to + (done + row) * size : NULL;
  }
}

int tc_taps_are_aligned(const tc_model *model, float *const *taps) {
  for (uint32_t tap = 0; taps && tap < model->tap_count; ++tap)
    if (!tc_is_aligned(taps[tap]))
      return 0;
  return 1;
}

void tc_draft_prefix(tc_draft *step, size_t first, size_t prefix) {
  int32_t *limits = step->engine->limits;
  for (size_t row = first; row < step->rows; ++row)
    if ((size_t)limits[row] < prefix)
      limits[row] = (int32_t)prefix;
}

void tc_draft_types(tc_draft *step, size_t first, const int32_t *types) {
  if (!step->engine->model->types)
    return;
  for (size_t row = first; row < step->rows; ++row)
    step->engine->types[row] = types ? types[row - first] : 0;
}

void tc_draft_output(tc_draft *step, size_t row, float *target) {
  step->engine->outputs[step->outputs] = (int32_t)row;
  step->engine->targets[step->outputs++] = target;
}

/* The targets as one array of rows; null if they are not. */
static float *contiguousTargets(const tc_draft *step) {
  float **targets = step->engine->targets;
  for (size_t i = 0; i < step->outputs; ++i)
    if (!targets[i] || (i && targets[i] != targets[i - 1] + step->width))
      return NULL;
  return step->outputs ? targets[0] : NULL;
}

void tc_draft_run(tc_draft *step) {
  tc_engine *engine = step->engine;
  if (step->rows == 0)
    return;
  engine->starts[step->sequences] = (int32_t)step->rows;
  float *direct = contiguousTargets(step);
  /* A forked process has the pool's memory but not its threads. */
  int alone = engine->pool && !tc_pool_usable(engine->pool);
  const tc_step call = {
      .weights = tc_weights_data(engine->weights),
      .scratch = engine->scratch,
      .tokens = step->tokens,
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
      .limits = engine->limits,
      .types = engine->types,
      .sources = engine->sources,
      .taps = engine->taps,
  };
  step->code(&call);
  size_t width = step->width;
  for (size_t i = 0; !direct && i < step->outputs; ++i)
    if (engine->targets[i])
      memcpy(engine->targets[i], engine->gathered + i * width,
             width * sizeof(float));
  step->rows = step->sequences = step->tiles = step->outputs = step->made = 0;
}

tc_status tc_draft_entries(
    tc_engine *engine, const tc_entry *entries, size_t count,
    tc_status (*check)(const tc_engine *engine, const tc_entry *entry),
    void (*run)(tc_engine *engine, const tc_entry *entries, size_t count)) {
  tc_status status = tc_sessions_take(entries, count);
  if (status)
    return status;
  for (size_t i = 0; i < count && !status; ++i)
    status = check(engine, &entries[i]);
  if (!status)
    status = tc_engine_begin(engine);
  if (!status) {
    run(engine, entries, count);
    tc_engine_end(engine);
  }
  tc_sessions_release(entries, count);
  return status;
}

/* A value that is no number would spread to rows that give it no weight. */
tc_status tc_check_reals(const float *values, size_t count) {
  for (size_t i = 0; i < count; ++i)
    if (!(values[i] - values[i] == 0))
      return TC_BAD_ROW;
  return TC_OK;
}

tc_status tc_check_tokens(const tc_entry *entry, uint32_t vocab) {
  for (size_t i = 0; i < entry->count; ++i)
    if (entry->tokens[i] < 0 || (uint32_t)entry->tokens[i] >= vocab)
      return TC_BAD_TOKEN;
  return TC_OK;
}
