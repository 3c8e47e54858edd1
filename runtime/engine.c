/* Makes engines: all memory that a step needs is laid out here. */
#include "runtime/engine.h"
#include "runtime/memory.h"

#include <inttypes.h>
#include <stdlib.h>

enum { MOST_SLOTS = 64 };

int tc_has_sessions(const tc_model *model) {
  return (model->causal || model->encode) && !model->pooled &&
         model->input != TC_INPUT_REALS && !model->queries;
}

static size_t product(const uint64_t *shape, uint32_t dimensions) {
  size_t size = 1;
  for (uint32_t i = 0; i < dimensions; ++i)
    size *= (size_t)shape[i];
  return size;
}

size_t tc_input_size(const tc_model *model) {
  return model->input == TC_INPUT_TOKENS
             ? 0
             : product(model->input_shape, model->input_dims);
}

size_t tc_source_size(const tc_model *model) {
  return model->source_input == TC_INPUT_TOKENS
             ? 0
             : product(model->source_shape, model->source_dims);
}

size_t tc_source_rows(const tc_model *model, size_t count) {
  return model->source_input == TC_INPUT_REALS ? model->source_context : count;
}

/* Behind the first `count` windows. */
static size_t behindWindows(const tc_model *model, size_t rows,
                            uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    const tc_windows *windows = &model->windows[i];
    size_t places = rows + 2 * (size_t)windows->pad;
    rows = rows && places >= windows->size
               ? (places - windows->size) / windows->stride + 1
               : 0;
  }
  return rows;
}

size_t tc_made_rows(const tc_model *model, size_t rows) {
  tc_input input = model->encode ? model->source_input : model->input;
  if (input == TC_INPUT_REALS && model->rows_made)
    return model->rows_made;
  if (input == TC_INPUT_REALS)
    return model->encode ? rows : model->rows_per_input;
  return behindWindows(model, rows, model->windows_count);
}

size_t tc_encoded_rows(const tc_model *model, size_t count) {
  return tc_made_rows(model, tc_source_rows(model, count));
}

size_t tc_step_rows(const tc_model *model, size_t rows) {
  return model->encode ? rows : tc_made_rows(model, rows);
}

size_t tc_entry_outputs(const tc_model *model, size_t count) {
  return model->pooled    ? 1
         : model->queries ? model->queries
                          : tc_step_rows(model, count);
}

size_t tc_output_rows(const tc_model *model) {
  return model->pooled    ? 1
         : model->queries ? model->queries
                          : tc_made_rows(model, 0);
}

size_t tc_tap_size(const tc_tap *tap) {
  size_t heads = tap->heads ? tap->heads : 1;
  return tap->rounds * heads * tap->columns;
}

size_t tc_tap_rows(const tc_model *model, const tc_tap *tap, size_t rows) {
  int ofSource =
      tap - model->taps >= (ptrdiff_t)(model->tap_count - model->source_taps);
  if (model->encode && !ofSource)
    return model->queries ? model->queries : rows;
  tc_input input = model->encode ? model->source_input : model->input;
  return input == TC_INPUT_REALS ? tap->made
                                 : behindWindows(model, rows, tap->made);
}

size_t tc_slot_stride(const tc_model *model) {
  return ((size_t)model->cache_bytes + TC_ALIGN - 1) / TC_ALIGN * TC_ALIGN;
}

static int hasPossibleInput(const tc_model *model) {
  switch (model->input) {
  case TC_INPUT_TOKENS:
    return model->vocab && model->context;
  case TC_INPUT_ROWS:
    return model->input_dims == 1 && tc_input_size(model) && model->context;
  case TC_INPUT_REALS:
    return model->input_dims <= 4 && tc_input_size(model) &&
           model->rows_per_input &&
           (model->queries || model->rows_per_input <= model->max_rows) &&
           tc_output_rows(model) <= model->max_outputs;
  }
  return 0;
}

static int hasPossibleSource(const tc_model *model) {
  return (model->queries ? model->queries <= model->max_rows
                         : tc_has_sessions(model)) &&
         (model->source_input == TC_INPUT_TOKENS
              ? model->source_vocab > 0
              : model->source_dims <= 4 && tc_source_size(model) > 0) &&
         model->source_context && model->source_dim &&
         model->source_max_rows >= model->source_context &&
         model->source_max_rows <= INT32_MAX / 4;
}

static tc_status checkModel(const tc_model *model, tc_error *error) {
  const char *wrong = NULL;
  if (!model->step)
    wrong = "has no code";
  else if (model->queries && !model->encode)
    wrong = "has queries but no encoder";
  else if (model->encode && !hasPossibleSource(model))
    wrong = "has an encoder of impossible sizes";
  else if (!model->max_rows || !model->max_outputs || !model->tile_rows ||
           !model->output_dim || model->context > INT32_MAX ||
           model->max_rows > INT32_MAX / 4)
    wrong = "has a size of zero or beyond the limits";
  else if (!hasPossibleInput(model))
    wrong = "has an input of an impossible shape";
  if (wrong)
    return tc_fail(error, TC_BAD_OBJECT, "model '%s' %s; compile it again",
                   model->name, wrong);
  return TC_OK;
}

static size_t countSlots(const tc_model *model) {
  if (tc_has_sessions(model))
    return 0;
  size_t rows = model->queries                   ? model->queries
                : model->input == TC_INPUT_REALS ? model->rows_per_input
                                                 : 1;
  size_t count = model->max_rows / rows;
  if (model->cache_bytes && count > MOST_SLOTS)
    count = MOST_SLOTS;
  if (model->max_sequences && count > model->max_sequences)
    count = model->max_sequences;
  return count;
}

/* Cuts the next array off the block; with a null block it only counts. */
static void *cut(unsigned char *block, size_t *used, size_t count,
                 size_t size) {
  void *array = block ? block + *used : NULL;
  *used += (count * size + TC_ALIGN - 1) / TC_ALIGN * TC_ALIGN;
  return array;
}

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

/* Floats of the largest step's rows, or of its sources. */
static size_t countReals(const tc_model *model) {
  size_t own = 0, sources = 0;
  if (model->input == TC_INPUT_ROWS)
    own = (size_t)model->max_rows * tc_input_size(model);
  if (model->encode)
    sources =
        (size_t)model->source_max_rows * tc_source_size(model) /
        (model->source_input == TC_INPUT_REALS ? model->source_context : 1);
  return larger(own, sources);
}

/* Most rows that a call of the encoder puts out. */
static size_t sourceOutputs(const tc_model *model) {
  return model->encode && model->windows_count
             ? larger(model->source_max_rows, model->max_outputs)
             : model->source_max_rows;
}

static size_t layOut(tc_engine *engine, unsigned char *block) {
  const tc_model *model = engine->model;
  size_t rows = larger(model->max_rows, model->source_max_rows);
  size_t outputs = larger(model->max_outputs, sourceOutputs(model));
  size_t used = 0;
  engine->scratch = cut(block, &used, (size_t)model->scratch_bytes, 1);
  engine->tokens = cut(block, &used, rows, sizeof(int32_t));
  engine->positions = cut(block, &used, rows, sizeof(int32_t));
  engine->limits = cut(block, &used, rows, sizeof(int32_t));
  if (model->types)
    engine->types = cut(block, &used, rows, sizeof(int32_t));
  engine->starts = cut(block, &used, rows + 1, sizeof(int32_t));
  engine->tiles = cut(block, &used, 4 * rows, sizeof(int32_t));
  engine->outputs = cut(block, &used, outputs, sizeof(int32_t));
  if (countReals(model))
    engine->rows = cut(block, &used, countReals(model), sizeof(float));
  engine->caches = cut(block, &used, rows, sizeof(void *));
  engine->sources = cut(block, &used, rows, sizeof(int32_t));
  engine->taps = cut(block, &used, model->tap_count * rows, sizeof(float *));
  engine->shifted = cut(block, &used, model->tap_count, sizeof(float *));
  engine->targets = cut(block, &used, outputs, sizeof(float *));
  return used;
}

static tc_status allocate(tc_engine *engine) {
  const tc_model *model = engine->model;
  engine->arrays_bytes = layOut(engine, NULL);
  engine->arrays = tc_memory_map(engine->arrays_bytes);
  if (!engine->arrays)
    return TC_NO_MEMORY;
  layOut(engine, engine->arrays);

  engine->gathered_bytes =
      larger((size_t)model->max_outputs * model->output_dim,
             sourceOutputs(model) * model->source_dim) *
      sizeof(float);
  engine->gathered = tc_memory_map(engine->gathered_bytes);
  engine->slot_count = countSlots(model);
  engine->slots_bytes = engine->slot_count * tc_slot_stride(model);
  engine->slots = tc_memory_map(engine->slots_bytes);
  return engine->gathered && engine->slots ? TC_OK : TC_NO_MEMORY;
}

static tc_status startThreads(tc_engine *engine,
                              const tc_engine_options *options,
                              tc_error *error) {
  if (options->parallel_for) {
    engine->parallel_for = options->parallel_for;
    engine->parallel_state = options->pool;
    return TC_OK;
  }
  tc_status status =
      tc_pool_create(options->threads, options->pinning, &engine->pool);
  if (status == TC_BAD_ARGUMENT)
    tc_fail(error, status, "%d threads: must be 1 to %d", options->threads,
            TC_MAX_THREADS);
  else if (status)
    tc_fail(error, status, "%d threads: %s; ask for fewer", options->threads,
            tc_status_text(status));
  else if (options->threads > 1) {
    engine->parallel_for = tc_pool_run;
    engine->parallel_state = engine->pool;
  }
  return status;
}

tc_status tc_engine_create(const tc_model *model, const tc_weights *weights,
                           const tc_engine_options *options, tc_engine **out,
                           tc_error *error) {
  if (!model || !weights || !out)
    return tc_fail(error, TC_BAD_ARGUMENT,
                   "tc_engine_create needs a model, weights and a result");
  *out = NULL;
  tc_status status = checkModel(model, error);
  if (status)
    return status;
  if (tc_weights_head(weights)->layout_hash != model->layout_hash)
    return tc_fail(error, TC_OTHER_MODEL,
                   "the weights were opened for another model than '%s'",
                   model->name);
  tc_engine *engine = calloc(1, sizeof *engine);
  if (!engine)
    return tc_fail(error, TC_NO_MEMORY, "out of memory for an engine");
  engine->model = model;
  engine->weights = weights;
  if (options) {
    engine->report = options->report;
    engine->report_state = options->report_state;
  }
#ifndef TC_SINGLE_THREADED
  pthread_mutex_init(&engine->turn, NULL);
#else
  atomic_flag_clear(&engine->turn);
#endif
  status = allocate(engine);
  if (status)
    tc_fail(error, status,
            "out of memory for '%s': one step needs %" PRIu64 " bytes",
            model->name, model->scratch_bytes);
  const tc_engine_options single = {.threads = 1};
  if (!status)
    status = startThreads(engine, options ? options : &single, error);
  if (status) {
    tc_engine_destroy(engine);
    return status;
  }
  *out = engine;
  return TC_OK;
}

tc_status tc_engine_open(const tc_model *model, const char *weights_file,
                         int threads, tc_engine **out, tc_error *error) {
  if (!out)
    return tc_fail(error, TC_BAD_ARGUMENT, "tc_engine_open needs a result");
  *out = NULL;
  tc_weights *weights;
  tc_status status =
      tc_weights_open(model, weights_file, TC_CHECK_HEADER, &weights, error);
  if (status)
    return status;
  const tc_engine_options options = {.threads = threads};
  status = tc_engine_create(model, weights, &options, out, error);
  if (status)
    tc_weights_close(weights);
  else
    (*out)->owned = weights;
  return status;
}

void tc_engine_destroy(tc_engine *engine) {
  if (!engine)
    return;
  tc_pool_destroy(engine->pool);
  tc_memory_unmap(engine->slots, engine->slots_bytes);
  tc_memory_unmap(engine->gathered, engine->gathered_bytes);
  tc_memory_unmap(engine->arrays, engine->arrays_bytes);
  tc_weights_close(engine->owned);
#ifndef TC_SINGLE_THREADED
  pthread_mutex_destroy(&engine->turn);
#endif
  free(engine);
}

const tc_model *tc_engine_model(const tc_engine *engine) {
  return engine->model;
}

tc_status tc_engine_begin(tc_engine *engine) {
#ifndef TC_SINGLE_THREADED
  pthread_mutex_lock(&engine->turn);
#else
  if (atomic_flag_test_and_set(&engine->turn))
    return TC_BUSY;
#endif
  if (tc_weights_intact(engine->weights))
    return TC_OK;
  tc_engine_end(engine);
  return TC_TRUNCATED;
}

void tc_engine_end(tc_engine *engine) {
#ifndef TC_SINGLE_THREADED
  pthread_mutex_unlock(&engine->turn);
#else
  atomic_flag_clear(&engine->turn);
#endif
}
