/* How fast the model is here: the median of some measurements. */
#include "runtime/program/commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct result {
  double first, second; /* seconds of the two phases */
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

static void printCommon(const options *options, const tc_model *model) {
  uint64_t resident = residentBytes();
  if (options->json)
    printf("\"threads\": %d, \"weights_bytes\": %" PRIu64
           ", \"cache_bytes\": %" PRIu64 ", \"resident_bytes\": %" PRIu64 "}\n",
           (int)options->threads, model->weights_bytes, model->cache_bytes,
           resident);
  else
    printf("threads   %d\nweights   %.1f MB\nresident  %.1f MB\n",
           (int)options->threads, 1e-6 * (double)model->weights_bytes,
           1e-6 * (double)resident);
}

/* ---- Models with sessions ------------------------------------------------ */

typedef struct lengths {
  size_t prefill, decode;
} lengths;

static int chooseLengths(const options *options, const tc_model *model,
                         lengths *lengths) {
  size_t context = model->context, half = context / 2, quarter = context / 4;
  lengths->prefill = options->prefill > 0 ? (size_t)options->prefill
                     : half > 512         ? 512
                     : half               ? half
                                          : 1;
  lengths->decode = options->decode >= 0 ? (size_t)options->decode
                    : quarter > 128      ? 128
                                         : quarter;
  if (!tc_has_sessions(model))
    lengths->decode = 0;
  if (lengths->prefill > context ||
      lengths->decode > context - lengths->prefill)
    return fail(options, "%zu and %zu tokens are more than the context of %zu",
                lengths->prefill, lengths->decode, context);
  return 0;
}

static tc_status measureTokens(tc_engine *engine, tc_session *session,
                               const lengths *lengths, const int32_t *tokens,
                               float *row, result *result) {
  const tc_entry prompt = {session, tokens, lengths->prefill, TC_WANT_LAST,
                           row};
  tc_status status = session ? tc_session_rewind(session, 0) : TC_OK;
  double start = now();
  if (!status)
    status = tc_engine_step(engine, &prompt, 1);
  double middle = now();
  for (size_t i = 0; i < lengths->decode && !status; ++i)
    status = tc_session_append(session, tokens + lengths->prefill + i, 1, row);
  result->first = middle - start;
  result->second = now() - middle;
  return status;
}

/* The first measurement, which also brings the weights into memory, is not
 * counted. */
static tc_status repeatTokens(const options *options, tc_engine *engine,
                              const lengths *lengths, result *result) {
  const tc_model *model = tc_engine_model(engine);
  size_t count = (size_t)options->repeat,
         length = lengths->prefill + lengths->decode;
  int32_t *tokens = malloc(length * sizeof *tokens);
  float *row = malloc(model->output_dim * sizeof *row);
  double *first = malloc(count * sizeof *first);
  double *second = malloc(count * sizeof *second);
  tc_session *session = NULL;
  tc_status status = tokens && row && first && second ? TC_OK : TC_NO_MEMORY;
  if (!status && tc_has_sessions(model))
    status = tc_session_create(engine, &session);
  uint64_t random = (uint64_t)options->seed;
  for (size_t i = 0; i < length && !status; ++i)
    tokens[i] = (int32_t)(nextRandom(&random) % model->vocab);
  for (size_t i = 0; i <= count && !status; ++i) {
    status = measureTokens(engine, session, lengths, tokens, row, result);
    if (i > 0) {
      first[i - 1] = result->first;
      second[i - 1] = result->second;
    }
  }
  if (!status) {
    result->first = median(first, count);
    result->second = median(second, count);
  }
  tc_session_destroy(session);
  free(second);
  free(first);
  free(row);
  free(tokens);
  return status;
}

static int benchTokens(const options *options, tc_engine *engine) {
  const tc_model *model = tc_engine_model(engine);
  lengths lengths;
  result result = {0};
  int wrong = chooseLengths(options, model, &lengths);
  if (wrong)
    return wrong;
  tc_status status = repeatTokens(options, engine, &lengths, &result);
  if (status)
    return fail(options, "%s", tc_status_text(status));
  double prefill = (double)lengths.prefill / result.first;
  double decode = lengths.decode ? (double)lengths.decode / result.second : 0;
  if (options->json)
    printf("{\"model\": \"%s\", \"prefill\": %zu, \"decode\": %zu, "
           "\"prefill_tokens_per_second\": %.3f, "
           "\"decode_tokens_per_second\": %.3f, ",
           model->name, lengths.prefill, lengths.decode, prefill, decode);
  else
    printf("prefill   %.1f tokens/s (%zu in %.1f ms)\n"
           "decode    %.1f tokens/s (%zu after them, %.3f ms each)\n",
           prefill, lengths.prefill, 1e3 * result.first, decode, lengths.decode,
           lengths.decode ? 1e3 * result.second / (double)lengths.decode : 0);
  printCommon(options, model);
  return 0;
}

/* ---- Models with real-valued input --------------------------------------- */

static tc_status repeatInputs(const options *options, tc_engine *engine,
                              double *seconds) {
  const tc_model *model = tc_engine_model(engine);
  size_t repeat = (size_t)options->repeat, batch = (size_t)options->batch;
  size_t size = tc_input_size(model);
  float *input = calloc(batch, size * sizeof *input);
  float *rows =
      calloc(batch, tc_output_rows(model) * model->output_dim * sizeof *rows);
  double *times = malloc(repeat * sizeof *times);
  tc_status status = input && rows && times ? TC_OK : TC_NO_MEMORY;
  uint64_t random = (uint64_t)options->seed;
  for (size_t i = 0; i < batch * size && !status; ++i)
    input[i] = (float)(nextRandom(&random) % 1000) / 1000;
  for (size_t i = 0; i <= repeat && !status; ++i) {
    double start = now();
    status = tc_engine_run(engine, input, batch, rows);
    if (i > 0)
      times[i - 1] = now() - start;
  }
  if (!status)
    *seconds = median(times, repeat);
  free(times);
  free(rows);
  free(input);
  return status;
}

static int benchInputs(const options *options, tc_engine *engine) {
  const tc_model *model = tc_engine_model(engine);
  double seconds = 0;
  tc_status status = repeatInputs(options, engine, &seconds);
  if (status)
    return fail(options, "%s", tc_status_text(status));
  double speed = (double)options->batch / seconds;
  if (options->json)
    printf("{\"model\": \"%s\", \"batch\": %" PRId64
           ", \"inputs_per_second\": %.3f, ",
           model->name, options->batch, speed);
  else
    printf("inputs    %.1f/s (%" PRId64 " in %.3f ms)\n", speed, options->batch,
           1e3 * seconds);
  printCommon(options, model);
  return 0;
}

int bench(const options *options, const tc_model *model) {
  opened opened;
  int status = openModel(options, model, &opened);
  if (status)
    return status;
  status = model->input == TC_INPUT_TOKENS
               ? benchTokens(options, opened.engine)
               : benchInputs(options, opened.engine);
  closeModel(&opened);
  return status;
}
