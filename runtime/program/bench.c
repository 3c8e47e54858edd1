/* How fast the model is here: the median of some measurements. */
#include "runtime/program/commands.h"
#include "runtime/program/profile.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct result {
  double first, second;       /* seconds of the two phases */
  double bestFirst, bestStep; /* of a prompt and of a step, in all */
  uint64_t resident;          /* bytes in memory while all sessions are there */
} result;

/* Bytes of this process that are in memory now. */
static uint64_t residentBytes(void) {
  unsigned long long size, resident;
  FILE *file = fopen("/proc/self/statm", "r");
  if (!file)
    return 0;
  int read = fscanf(file, "%llu %llu", &size, &resident);
  fclose(file);
  return read == 2 ? resident * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

static uint64_t nextRandom(uint64_t *state) {
  *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
  return *state >> 33;
}

static int compareNumbers(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *values, size_t count) {
  qsort(values, count, sizeof *values, compareNumbers);
  return count % 2 ? values[count / 2]
                   : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static void printCommon(const options *options, const opened *opened,
                        uint64_t resident) {
  const tc_model *model = tc_engine_model(opened->engine);
  if (options->json && opened->profile)
    printProfileJson(opened->profile);
  if (options->json)
    printf("\"threads\": %d, \"weights_bytes\": %" PRIu64
           ", \"cache_bytes\": %" PRIu64 ", \"scratch_bytes\": %" PRIu64
           ", \"resident_bytes\": %" PRIu64 "}\n",
           (int)options->threads, model->weights_bytes, model->cache_bytes,
           model->scratch_bytes, resident);
  else
    printf("threads   %d\nweights   %.1f MB\nresident  %.1f MB\n",
           (int)options->threads, 1e-6 * (double)model->weights_bytes,
           1e-6 * (double)resident);
  if (!options->json && opened->profile)
    printProfile(options, opened->profile);
}

/* ---- Models with sessions ------------------------------------------------ */

typedef struct lengths {
  size_t prefill, decode;
} lengths;

static int chooseLengths(const options *options, const tc_model *model,
                         lengths *lengths) {
  int sources = tc_has_sources(model); /* prefill is to read one */
  size_t context = model->context;
  size_t half = sources ? model->source_context : context / 2;
  int image = sources && model->source_input == TC_INPUT_REALS;
  size_t quarter = context / 4;
  lengths->prefill = image                  ? half
                     : options->prefill > 0 ? (size_t)options->prefill
                     : half > 512           ? 512
                     : half                 ? half
                                            : 1;
  lengths->decode = options->decode >= 0 ? (size_t)options->decode
                    : quarter > 128      ? 128
                                         : quarter;
  if (!model->causal)
    lengths->decode = 0;
  if (sources && lengths->prefill > model->source_context)
    return fail(options, "%zu tokens are more than the longest source of %u",
                lengths->prefill, model->source_context);
  size_t held = sources ? 0 : lengths->prefill;
  if (held > context || lengths->decode > context - held)
    return fail(options, "%zu and %zu tokens are more than the context of %zu",
                lengths->prefill, lengths->decode, context);
  return 0;
}

/* What one measurement needs. Without sessions `count` is 1 and its session
 * null. */
typedef struct batch {
  tc_engine *engine;
  size_t count;
  tc_entry *entries; /* one of each session */
  int32_t *tokens;   /* of one session; all have the same */
  float *reals;      /* likewise, of models that take rows */
  float *source;     /* likewise, of sources that are no tokens */
  float *rows;
} batch;

static tc_status step(const batch *batch, size_t first, size_t count) {
  for (size_t i = 0; i < batch->count; ++i) {
    if (batch->reals)
      batch->entries[i].rows =
          batch->reals + first * tc_input_size(tc_engine_model(batch->engine));
    else
      batch->entries[i].tokens = batch->tokens + first;
    batch->entries[i].count = count;
  }
  return tc_engine_step(batch->engine, batch->entries, batch->count);
}

/* The prompt of each, or its source where models read one. */
static tc_status readTokens(const batch *batch, size_t count) {
  const tc_model *model = tc_engine_model(batch->engine);
  if (!tc_has_sources(model))
    return step(batch, 0, count);
  int image = model->source_input == TC_INPUT_REALS;
  for (size_t i = 0; i < batch->count; ++i) {
    batch->entries[i].tokens = batch->source ? NULL : batch->tokens;
    batch->entries[i].rows = batch->source;
    batch->entries[i].count = image ? 1 : count;
    batch->entries[i].want = TC_WANT_NONE;
  }
  tc_status status =
      tc_engine_encode_sources(batch->engine, batch->entries, batch->count);
  for (size_t i = 0; i < batch->count; ++i) {
    batch->entries[i].want = TC_WANT_LAST;
    batch->entries[i].rows = NULL;
  }
  return status;
}

static void keepLeast(double *least, double value) {
  if (*least == 0 || value < *least)
    *least = value;
}

/* What is profiled is what counts. */
static tc_status measureTokens(const batch *batch, const lengths *lengths,
                               profile *profile, result *result) {
  tc_status status = TC_OK;
  for (size_t i = 0; i < batch->count && !status; ++i)
    if (batch->entries[i].session)
      status = tc_session_rewind(batch->entries[i].session, 0);
  double start = now();
  beginPhase(profile, 0, "prefill");
  if (!status)
    status = readTokens(batch, lengths->prefill);
  endPhase(profile, 1);
  double middle = now();
  beginPhase(profile, 1, "decode");
  double last = middle;
  for (size_t i = 0; i < lengths->decode && !status; ++i) {
    status = step(batch, lengths->prefill + i, 1);
    double end = now();
    keepLeast(&result->bestStep, end - last);
    last = end;
  }
  endPhase(profile, lengths->decode);
  result->first = middle - start;
  result->second = now() - middle;
  keepLeast(&result->bestFirst, result->first);
  return status;
}

static void fillReals(uint64_t *random, float *values, size_t count) {
  for (size_t i = 0; i < count && values; ++i)
    values[i] = (float)(nextRandom(random) % 1000) / 1000;
}

static tc_status fillBatch(const options *options, size_t length,
                           batch *batch) {
  const tc_model *model = tc_engine_model(batch->engine);
  batch->entries = calloc(batch->count, sizeof *batch->entries);
  size_t width = tc_input_size(model);
  if (width)
    batch->reals = malloc(length * width * sizeof *batch->reals);
  else
    batch->tokens = malloc(length * sizeof *batch->tokens);
  batch->rows = calloc(batch->count, model->output_dim * sizeof *batch->rows);
  tc_status status =
      batch->entries && (batch->tokens || batch->reals) && batch->rows
          ? TC_OK
          : TC_NO_MEMORY;
  for (size_t i = 0; i < batch->count && !status; ++i) {
    batch->entries[i].want = TC_WANT_LAST;
    batch->entries[i].output = batch->rows + i * model->output_dim;
    if (tc_has_sessions(model))
      status = tc_session_create(batch->engine, &batch->entries[i].session);
  }
  uint64_t random = (uint64_t)options->seed;
  uint32_t vocab = model->vocab; /* of all that reads them */
  int tokens = model->source_input == TC_INPUT_TOKENS;
  if (tc_has_sources(model) && tokens && model->source_vocab < vocab)
    vocab = model->source_vocab;
  for (size_t i = 0; i < length && batch->tokens && !status; ++i)
    batch->tokens[i] = (int32_t)(nextRandom(&random) % vocab);
  fillReals(&random, batch->reals, length * width);
  if (tc_has_sources(model) && !tokens) {
    size_t count = model->source_input == TC_INPUT_REALS ? 1 : length;
    size_t size = count * tc_source_size(model);
    batch->source = malloc(size * sizeof *batch->source);
    fillReals(&random, batch->source, size);
    status = batch->source ? status : TC_NO_MEMORY;
  }
  return status;
}

static void emptyBatch(batch *batch) {
  for (size_t i = 0; batch->entries && i < batch->count; ++i)
    tc_session_destroy(batch->entries[i].session);
  free(batch->rows);
  free(batch->tokens);
  free(batch->reals);
  free(batch->source);
  free(batch->entries);
}

/* The first measurement, which also brings the weights into memory, is not
 * counted. */
static tc_status repeatTokens(const options *options, const opened *opened,
                              const lengths *lengths, result *result) {
  size_t count = (size_t)options->repeat;
  batch batch = {.engine = opened->engine, .count = (size_t)options->sessions};
  double *first = malloc(count * sizeof *first);
  double *second = malloc(count * sizeof *second);
  tc_status status =
      fillBatch(options, lengths->prefill + lengths->decode, &batch);
  if (!first || !second)
    status = TC_NO_MEMORY;
  for (size_t i = 0; i <= count && !status; ++i) {
    status = measureTokens(&batch, lengths, i ? opened->profile : NULL, result);
    if (i > 0) {
      first[i - 1] = result->first;
      second[i - 1] = result->second;
    }
  }
  if (!status) {
    result->first = median(first, count);
    result->second = median(second, count);
    result->resident = residentBytes();
  }
  emptyBatch(&batch);
  free(second);
  free(first);
  return status;
}

static int benchTokens(const options *options, const opened *opened) {
  const tc_model *model = tc_engine_model(opened->engine);
  lengths lengths;
  result result = {0};
  if (options->sessions > 1 && !tc_has_sessions(model))
    return wrongUse(options, "'%s' has no sessions", model->name);
  int wrong = chooseLengths(options, model, &lengths);
  if (wrong)
    return wrong;
  tc_status status = repeatTokens(options, opened, &lengths, &result);
  if (status)
    return fail(options, "%s", tc_status_text(status));
  double sessions = (double)options->sessions;
  double prefill = sessions * (double)lengths.prefill / result.first;
  double decode =
      lengths.decode ? sessions * (double)lengths.decode / result.second : 0;
  if (options->json)
    printf("{\"model\": \"%s\", \"prefill\": %zu, \"decode\": %zu, "
           "\"sessions\": %" PRId64 ", \"prefill_tokens_per_second\": %.3f, "
           "\"decode_tokens_per_second\": %.3f, "
           "\"prefill_best_ms\": %.6f, \"decode_best_ms\": %.6f, ",
           model->name, lengths.prefill, lengths.decode, options->sessions,
           prefill, decode, 1e3 * result.bestFirst, 1e3 * result.bestStep);
  else
    printf("sessions  %" PRId64 "\n"
           "prefill   %.1f tokens/s (%zu of each in %.1f ms)\n"
           "decode    %.1f tokens/s (%zu of each after them, %.3f ms a step)\n",
           options->sessions, prefill, lengths.prefill, 1e3 * result.first,
           decode, lengths.decode,
           lengths.decode ? 1e3 * result.second / (double)lengths.decode : 0);
  printCommon(options, opened, result.resident);
  return 0;
}

/* ---- Models with real-valued input --------------------------------------- */

static tc_status repeatInputs(const options *options, const opened *opened,
                              result *result) {
  tc_engine *engine = opened->engine;
  profile *profile = opened->profile;
  const tc_model *model = tc_engine_model(engine);
  size_t repeat = (size_t)options->repeat, batch = (size_t)options->batch;
  size_t size = tc_input_size(model);
  float *input = calloc(batch, size * sizeof *input);
  float *rows =
      calloc(batch, tc_output_rows(model) * model->output_dim * sizeof *rows);
  double *times = malloc(repeat * sizeof *times);
  tc_status status = input && rows && times ? TC_OK : TC_NO_MEMORY;
  uint64_t random = (uint64_t)options->seed;
  fillReals(&random, input, batch * size);
  for (size_t i = 0; i <= repeat && !status; ++i) {
    double start = now();
    if (i > 0)
      beginPhase(profile, 0, "inputs");
    status = tc_engine_run(engine, input, batch, rows);
    endPhase(profile, 1);
    if (i > 0)
      times[i - 1] = now() - start;
  }
  if (!status) {
    result->first = median(times, repeat);
    result->resident = residentBytes();
  }
  free(times);
  free(rows);
  free(input);
  return status;
}

static int benchInputs(const options *options, const opened *opened) {
  const tc_model *model = tc_engine_model(opened->engine);
  result result = {0};
  tc_status status = repeatInputs(options, opened, &result);
  if (status)
    return fail(options, "%s", tc_status_text(status));
  double speed = (double)options->batch / result.first;
  if (options->json)
    printf("{\"model\": \"%s\", \"batch\": %" PRId64
           ", \"inputs_per_second\": %.3f, ",
           model->name, options->batch, speed);
  else
    printf("inputs    %.1f/s (%" PRId64 " in %.3f ms)\n", speed, options->batch,
           1e3 * result.first);
  printCommon(options, opened, result.resident);
  return 0;
}

int bench(const options *options, const tc_model *model) {
  opened opened;
  int status = openModel(options, model, &opened);
  if (status)
    return status;
  status = model->input == TC_INPUT_REALS ? benchInputs(options, &opened)
                                          : benchTokens(options, &opened);
  if (!status && options->trace)
    status = writeTrace(options, opened.profile);
  closeModel(&opened);
  return status;
}
