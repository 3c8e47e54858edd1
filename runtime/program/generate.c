/* Continues a text, or a list of ids, and prints it as it comes. */
#include "runtime/program/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct writer {
  const options *options;
  const tc_model *model;
  tc_tokenizer *tokenizer; /* null: ids are printed */
  int32_t *prompt;
  size_t prompt_count;
  float *scores;
  void *scratch;
  tc_session *session;
} writer;

/* ---- The prompt ---------------------------------------------------------- */

static int encodePrompt(writer *writer) {
  const char *text = writer->options->prompt;
  size_t bytes = strlen(text);
  ptrdiff_t count = tc_encode(writer->tokenizer, text, bytes, 1, NULL, 0);
  if (count < 0)
    return fail(writer->options, "prompt: %s", tc_text_error((int)-count));
  if ((size_t)count > writer->model->context)
    return fail(writer->options,
                "the prompt has %td tokens, more than the context of %u", count,
                writer->model->context);
  writer->prompt = malloc(((size_t)count + 1) * sizeof *writer->prompt);
  if (!writer->prompt)
    return fail(writer->options, "out of memory");
  tc_encode(writer->tokenizer, text, bytes, 1, writer->prompt, (size_t)count);
  writer->prompt_count = (size_t)count;
  if (count == 0) {
    int32_t first = tc_tokenizer_bos(writer->tokenizer);
    if (first < 0)
      return fail(writer->options,
                  "'%s' has no token that begins a text; the prompt must not "
                  "be empty",
                  writer->model->name);
    writer->prompt[writer->prompt_count++] = first;
  }
  for (size_t i = 0; i < writer->prompt_count; ++i)
    if ((uint32_t)writer->prompt[i] >= writer->model->vocab)
      return fail(writer->options,
                  "the prompt has token %d, the model's vocabulary is 0 to %u",
                  writer->prompt[i], writer->model->vocab - 1);
  return 0;
}

static int readIds(writer *writer) {
  token_list list;
  int status = parseTokens(writer->options, writer->model, &list);
  if (status)
    return status;
  if (list.sequences > 1) {
    freeTokens(&list);
    return wrongUse(writer->options, "'generate' continues one sequence");
  }
  writer->prompt = list.tokens;
  writer->prompt_count = list.ends[0];
  free(list.ends);
  return 0;
}

/* ---- Writing ------------------------------------------------------------- */

static int isEnd(const writer *writer, int32_t id) {
  return writer->tokenizer && (tc_tokenizer_is_end(writer->tokenizer, id) ||
                               id == tc_tokenizer_bos(writer->tokenizer));
}

static void printToken(const writer *writer, int32_t previous, int32_t id,
                       int isFirst) {
  if (writer->tokenizer) {
    char small[256], *piece = small;
    size_t bytes =
        tc_decode_piece(writer->tokenizer, previous, id, small, sizeof small);
    if (bytes > sizeof small && (piece = malloc(bytes)))
      tc_decode_piece(writer->tokenizer, previous, id, piece, bytes);
    if (piece)
      fwrite(piece, 1, bytes, stdout);
    if (piece != small)
      free(piece);
  } else {
    printf(isFirst ? "%d" : ",%d", id);
  }
  fflush(stdout);
}

static void printSpeed(const writer *writer, size_t made, double prompt,
                       double rest, int full) {
  putchar('\n');
  fflush(stdout);
  if (full)
    fprintf(stderr, "%s: stopped at the end of the context of %u tokens\n",
            writer->options->program, writer->model->context);
  fprintf(stderr,
          "%s: %zu tokens, %.1f tokens/s (prompt: %zu tokens in %.0f ms)\n",
          writer->options->program, made,
          made > 0 && rest > 0 ? (double)made / rest : 0.0,
          writer->prompt_count, 1e3 * prompt);
}

/* Feeds the prompt, then each new token in turn. */
static int writeTokens(writer *writer) {
  const options *options = writer->options;
  const tc_sampling sampling = {.temperature = (float)options->temperature,
                                .top_k = (int32_t)options->topK,
                                .top_p = (float)options->topP};
  uint64_t random = (uint64_t)options->seed;
  size_t wanted = (size_t)options->count, made = 0;
  int32_t previous = writer->prompt[writer->prompt_count - 1];
  if (options->prompt)
    fputs(options->prompt, stdout);
  fflush(stdout);
  double start = now();
  tc_status status = tc_session_append(writer->session, writer->prompt,
                                       writer->prompt_count, writer->scores);
  double middle = now();
  while (!status && made < wanted && !ferror(stdout)) {
    int32_t id = tc_sample(writer->scores, (int32_t)writer->model->vocab,
                           &sampling, &random, writer->scratch);
    if (isEnd(writer, id))
      break;
    printToken(writer, previous, id, made == 0);
    previous = id;
    if (++made < wanted)
      status = tc_session_append(writer->session, &id, 1, writer->scores);
  }
  int full = status == TC_CONTEXT_FULL;
  printSpeed(writer, made, middle - start, now() - middle, full);
  if (status && !full)
    return fail(options, "%s", tc_status_text(status));
  return 0;
}

static int prepare(writer *writer, const opened *opened) {
  int status = 0;
  if (writer->options->tokens)
    status = readIds(writer);
  else if (!(status = openTokenizer(writer->options, writer->model,
                                    opened->weights, &writer->tokenizer)))
    status = encodePrompt(writer);
  if (status)
    return status;
  uint32_t vocab = writer->model->vocab;
  writer->scores = malloc(writer->model->output_dim * sizeof *writer->scores);
  writer->scratch = malloc(tc_sample_scratch_bytes((int32_t)vocab));
  tc_status made = tc_session_create(opened->engine, &writer->session);
  if (!writer->scores || !writer->scratch)
    made = TC_NO_MEMORY;
  return made ? fail(writer->options, "%s", tc_status_text(made)) : 0;
}

int generate(const options *options, const tc_model *model) {
  if (!tc_has_sessions(model) || model->output_dim != model->vocab)
    return wrongUse(options,
                    "'%s' does not predict the next token: generate is "
                    "impossible",
                    model->name);
  if (!options->prompt && !options->tokens)
    return wrongUse(options, "'generate' needs a prompt or --tokens");
  if (options->prompt && options->tokens)
    return wrongUse(options, "'generate' takes a prompt or --tokens, not both");
  opened opened;
  int status = openModel(options, model, &opened);
  if (status)
    return status;
  writer writer = {.options = options, .model = model};
  status = prepare(&writer, &opened);
  if (!status)
    status = writeTokens(&writer);
  tc_session_destroy(writer.session);
  tc_tokenizer_close(writer.tokenizer);
  free(writer.scratch);
  free(writer.scores);
  free(writer.prompt);
  closeModel(&opened);
  return status;
}
