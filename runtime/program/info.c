/* What the model is, and whether its weights are here. */
#include "runtime/program/commands.h"
#include "runtime/program/npy.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* JSON's escapes for a path or message. */
static void printQuoted(const char *text) {
  putchar('"');
  for (; *text; ++text) {
    unsigned char c = (unsigned char)*text;
    if (c == '"' || c == '\\')
      printf("\\%c", c);
    else if (c < 0x20)
      printf("\\u%04x", c);
    else
      putchar(c);
  }
  putchar('"');
}

static void printTaps(const tc_model *model) {
  printf("\"taps\": [");
  for (uint32_t i = 0; i < model->tap_count; ++i) {
    size_t shape[3], dimensions = tapShape(&model->taps[i], shape);
    printf("%s{\"name\": ", i ? ", " : "");
    printQuoted(model->taps[i].name);
    printf(", \"shape\": [");
    for (size_t d = 0; d < dimensions; ++d)
      printf("%s%zu", d ? ", " : "", shape[d]);
    printf("]}");
  }
  printf("], ");
}

static void printJson(const tc_model *model, const char *path,
                      const char *state) {
  printf("{\"model\": \"%s\", \"target\": ", model->name);
  printQuoted(model->target);
  printf(", \"weights_formats\": \"%s\", \"compute_format\": \"%s\", "
         "\"cache_format\": \"%s\"",
         model->weights_formats, model->compute_format, model->cache_format);
  printf(", \"input\": \"%s\", \"parameters\": %" PRIu64
         ", \"context\": %" PRIu32 ", \"vocab\": %" PRIu32
         ", \"output_dim\": %" PRIu32 ", \"causal\": %s, \"pooled\": %s, "
         "\"max_rows\": %" PRIu32 ", \"weights_bytes\": %" PRIu64
         ", \"cache_bytes\": %" PRIu64 ", \"scratch_bytes\": %" PRIu64
         ", \"layout\": \"%016" PRIx64 "\", ",
         model->input == TC_INPUT_TOKENS ? "tokens"
         : model->input == TC_INPUT_ROWS ? "rows"
                                         : "reals",
         model->parameters, model->context, model->vocab, model->output_dim,
         model->causal ? "true" : "false", model->pooled ? "true" : "false",
         model->max_rows, model->weights_bytes, model->cache_bytes,
         model->scratch_bytes, model->layout_hash);
  if (tc_has_sources(model))
    printf("\"source_context\": %" PRIu32 ", \"source_vocab\": %" PRIu32 ", ",
           model->source_context, model->source_vocab);
  if (model->queries)
    printf("\"queries\": %" PRIu32 ", ", model->queries);
  for (uint32_t i = 0; i < model->part_count; ++i)
    printf("%s\"%s\": [%" PRIu32 ", %" PRIu32 "]%s",
           i ? ", " : "\"outputs\": {", model->parts[i].name,
           model->parts[i].first, model->parts[i].size,
           i + 1 == model->part_count ? "}, " : "");
  if (model->types)
    printf("\"types\": %" PRIu32 ", ", model->types);
  printTaps(model);
  printf("\"weights\": ");
  printQuoted(path);
  printf(", \"weights_state\": ");
  printQuoted(state);
  printf("}\n");
}

static void printTap(const tc_tap *tap) {
  size_t shape[3], dimensions = tapShape(tap, shape);
  char text[96];
  printf("tap         %s, %s a row\n", tap->name,
         shapeText(shape, dimensions, text, sizeof text));
}

static void printSource(const tc_model *model) {
  size_t shape[4];
  char text[96];
  for (uint32_t i = 0; i < model->source_dims; ++i)
    shape[i] = (size_t)model->source_shape[i];
  if (model->source_input == TC_INPUT_REALS)
    printf("source      %s\n",
           shapeText(shape, model->source_dims, text, sizeof text));
  else if (model->source_input == TC_INPUT_ROWS)
    printf("source      at most %" PRIu32 " rows of %zu\n",
           model->source_context, shape[0]);
  else
    printf("source      at most %" PRIu32 " tokens, vocabulary of %" PRIu32
           "\n",
           model->source_context, model->source_vocab);
}

static void printText(const tc_model *model, const char *path, int fits,
                      const char *state) {
  printf("model       %s, %" PRIu64 " parameters\n", model->name,
         model->parameters);
  printf("target      %s\n", model->target);
  if (model->input == TC_INPUT_TOKENS) {
    printf("input       tokens, vocabulary of %" PRIu32 "\n", model->vocab);
  } else {
    size_t shape[4];
    char text[96];
    for (uint32_t i = 0; i < model->input_dims; ++i)
      shape[i] = (size_t)model->input_shape[i];
    printf("input       %s%s\n",
           model->input == TC_INPUT_ROWS ? "rows of " : "",
           shapeText(shape, model->input_dims, text, sizeof text));
  }
  if (tc_has_sources(model))
    printSource(model);
  if (model->types)
    printf("types       %" PRIu32 " of rows\n", model->types);
  printf("output      %" PRIu32 " values a %s\n", model->output_dim,
         model->pooled ? "sequence" : "row");
  if (model->queries)
    printf("queries     %" PRIu32 " rows of each input\n", model->queries);
  for (uint32_t i = 0; i < model->part_count; ++i)
    printf("            %s: %" PRIu32 " values from %" PRIu32 " on\n",
           model->parts[i].name, model->parts[i].size, model->parts[i].first);
  printf("formats     weights %s, computed in %s, cache %s\n",
         model->weights_formats, model->compute_format, model->cache_format);
  for (uint32_t i = 0; i < model->tap_count; ++i)
    printTap(&model->taps[i]);
  printf("context     %" PRIu32 " rows, %" PRIu32 " a step\n", model->context,
         model->max_rows);
  printf("memory      weights %.1f MB, cache %.1f MB a session, scratch %.1f "
         "MB\n",
         1e-6 * (double)model->weights_bytes, 1e-6 * (double)model->cache_bytes,
         1e-6 * (double)model->scratch_bytes);
  printf("layout      %016" PRIx64 "\n", model->layout_hash);
  if (fits)
    printf("weights     %s: ", path);
  else
    printf("weights     ");
  printf("%s\n", state);
}

int info(const options *options, const tc_model *model) {
  char path[4096];
  tc_weights *weights = NULL;
  tc_error error;
  if (!weightsPath(options, path, sizeof path))
    strcpy(path, "?");
  int status = openWeights(options, model, &weights, &error);
  size_t tokenizer = 0;
  if (weights)
    tc_weights_tokenizer(weights, &tokenizer);
  const char *state = status      ? error.text
                      : tokenizer ? "fit, with a tokenizer"
                                  : "fit, without a tokenizer";
  if (options->json)
    printJson(model, path, state);
  else
    printText(model, path, !status, state);
  tc_weights_close(weights);
  /* Where to find weights is asked before there are any; to check ones that
   * cannot be opened is a failure. */
  return status && (options->weights || options->checkWeights);
}
