/* From the command line to an engine that can run. */
#include "runtime/program/commands.h"
#include "runtime/program/profile.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Data sections up to this size are checked whenever they are opened. */
#define CHECKED_BYTES (UINT64_C(1) << 30)

int weightsPath(const options *options, char *buffer, size_t capacity) {
  if (options->weights)
    return snprintf(buffer, capacity, "%s", options->weights) < (int)capacity;
  ssize_t length = readlink("/proc/self/exe", buffer, capacity);
  if (length < 0 || (size_t)length + sizeof ".weights" > capacity)
    return 0;
  memcpy(buffer + length, ".weights", sizeof ".weights");
  return 1;
}

int openWeights(const options *options, const tc_model *model,
                tc_weights **weights, tc_error *error) {
  char path[4096];
  if (!weightsPath(options, path, sizeof path))
    return tc_fail(
        error, TC_NO_FILE,
        "cannot tell where the weights file is; pass --weights FILE");
  int check = options->checkWeights || model->weights_bytes < CHECKED_BYTES
                  ? TC_CHECK_DATA
                  : TC_CHECK_HEADER;
  tc_status status = tc_weights_open(model, path, check, weights, error);
  if (status == TC_NO_FILE && !options->weights) {
    size_t used = strlen(error->text);
    snprintf(error->text + used, sizeof error->text - used,
             "; if it is elsewhere, pass --weights FILE");
  }
  return status;
}

int openModel(const options *options, const tc_model *model, opened *opened) {
  tc_error error;
  memset(opened, 0, sizeof *opened);
  if (openWeights(options, model, &opened->weights, &error))
    return fail(options, "%s", error.text);
  tc_engine_options engine = {.threads = (int)options->threads,
                              .pinning =
                                  options->pin ? TC_PIN_ALL : TC_PIN_NONE};
  int wanted = options->profile || options->trace;
  if (wanted && createProfile(options, model, &engine, &opened->profile)) {
    closeModel(opened);
    return 1;
  }
  if (tc_engine_create(model, opened->weights, &engine, &opened->engine,
                       &error)) {
    closeModel(opened);
    return fail(options, "%s", error.text);
  }
  return 0;
}

int openTokenizer(const options *options, const tc_model *model,
                  const tc_weights *weights, tc_tokenizer **tokenizer) {
  size_t bytes;
  const void *blob = tc_weights_tokenizer(weights, &bytes);
  if (!blob)
    return fail(
        options,
        "'%s' was compiled without a tokenizer; pass ids with --tokens, "
        "or compile it with --tokenizer=FILE",
        model->name);
  int status = tc_tokenizer_open(blob, bytes, tokenizer);
  if (status)
    return fail(options, "tokenizer: %s", tc_text_error(status));
  return 0;
}

void closeModel(opened *opened) {
  tc_engine_destroy(opened->engine);
  destroyProfile(opened->profile);
  tc_weights_close(opened->weights);
}

double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}
