/* The loop of sampling, and what it needs. */
#include "runtime/program/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int tokensOfText(const writer *writer, const char *what, const char *text,
                 uint32_t vocab, uint32_t most, int32_t **ids, size_t *count) {
  size_t bytes = strlen(text);
  ptrdiff_t number = tc_encode(writer->tokenizer, text, bytes, 1, NULL, 0);
  if (number < 0)
    return fail(writer->options, "%s: %s", what, tc_text_error((int)-number));
  if ((size_t)number > most)
    return fail(writer->options,
                "the %s has %td tokens, more than the context of %u", what,
                number, most);
  *ids = malloc(((size_t)number + 1) * sizeof **ids);
  if (!*ids)
    return fail(writer->options, "out of memory");
  tc_encode(writer->tokenizer, text, bytes, 1, *ids, (size_t)number);
  *count = (size_t)number;
  for (size_t i = 0; i < *count; ++i)
    if ((uint32_t)(*ids)[i] >= vocab)
      return fail(writer->options,
                  "the %s has token %d, the model's vocabulary is 0 to %u",
                  what, (*ids)[i], vocab - 1);
  return 0;
}

static int isEnd(const writer *writer, int32_t id) {
  if (id == writer->end)
    return 1;
  return writer->tokenizer && (tc_tokenizer_is_end(writer->tokenizer, id) ||
                               id == tc_tokenizer_bos(writer->tokenizer));
}

static void printToken(const writer *writer, int32_t previous, int32_t id,
                       int isFirst) {
  if (writer->tokenizer && writer->hides_added &&
      tc_tokenizer_is_added(writer->tokenizer, id))
    return;
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

int writeTokens(writer *writer) {
  const options *options = writer->options;
  double temperature =
      options->temperature < 0 ? writer->temperature : options->temperature;
  const tc_sampling sampling = {.temperature = (float)temperature,
                                .top_k = (int32_t)options->topK,
                                .top_p = (float)options->topP};
  uint64_t random = (uint64_t)options->seed;
  size_t wanted = (size_t)options->count, made = 0;
  int32_t previous = writer->prompt[writer->prompt_count - 1];
  if (writer->echo)
    fputs(writer->echo, stdout);
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

int beginWriting(writer *writer, tc_engine *engine) {
  const tc_model *model = writer->model;
  writer->scores = malloc(model->output_dim * sizeof *writer->scores);
  writer->scratch = malloc(tc_sample_scratch_bytes((int32_t)model->vocab));
  tc_status made = tc_session_create(engine, &writer->session);
  if (!writer->scores || !writer->scratch)
    made = TC_NO_MEMORY;
  return made ? fail(writer->options, "%s", tc_status_text(made)) : 0;
}

void endWriting(writer *writer) {
  tc_session_destroy(writer->session);
  tc_tokenizer_close(writer->tokenizer);
  free(writer->scratch);
  free(writer->scores);
  free(writer->prompt);
}
