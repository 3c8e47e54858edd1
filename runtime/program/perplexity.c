/* How well the model predicts the text of a file. */
#include "runtime/program/commands.h"
#include "runtime/program/predict.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The bytes of a file, or null after a message. */
static char *readText(const options *options, size_t *bytes) {
  FILE *file = fopen(options->text, "rb");
  char *text = NULL;
  size_t room = 0;
  for (*bytes = 0; file && !feof(file) && !ferror(file);) {
    if (*bytes == room) {
      char *more = realloc(text, room = room ? 2 * room : 1 << 16);
      if (!more) {
        errno = ENOMEM;
        break;
      }
      text = more;
    }
    *bytes += fread(text + *bytes, 1, room - *bytes, file);
  }
  int good = file && feof(file) && !ferror(file);
  if (!good) {
    fail(options, "%s: %s", options->text, strerror(errno));
    free(text);
  }
  if (file)
    fclose(file);
  return good ? text : NULL;
}

/* The ids of the text, or null after a message. */
static int32_t *encodeText(const options *options,
                           const tc_tokenizer *tokenizer, size_t *count) {
  size_t bytes;
  char *text = readText(options, &bytes);
  if (!text)
    return NULL;
  ptrdiff_t ids = tc_encode(tokenizer, text, bytes, 1, NULL, 0);
  int32_t *tokens = ids < 0 ? NULL : malloc(((size_t)ids + 1) * sizeof *tokens);
  if (ids < 0)
    fail(options, "%s: %s", options->text, tc_text_error((int)-ids));
  else if (!tokens)
    fail(options, "out of memory");
  else
    tc_encode(tokenizer, text, bytes, 1, tokens, (size_t)ids);
  free(text);
  *count = (size_t)ids;
  return tokens;
}

static int print(const options *options, const tc_prediction *prediction) {
  if (options->json)
    printf("{\"perplexity\": %.6g, \"loss\": %.6g, \"tokens\": %zu}\n",
           prediction->perplexity, prediction->loss, prediction->tokens);
  else
    printf("perplexity %.4f, %.4f nats a token, %zu tokens predicted\n",
           prediction->perplexity, prediction->loss, prediction->tokens);
  return 0;
}

int perplexity(const options *options, const tc_model *model) {
  if (!tc_has_sessions(model) || model->output_dim != model->vocab)
    return wrongUse(options,
                    "'%s' does not predict the next token: perplexity is "
                    "impossible",
                    model->name);
  if (!options->text)
    return wrongUse(options, "'perplexity' needs --text FILE");
  opened opened;
  int status = openModel(options, model, &opened);
  if (status)
    return status;
  tc_tokenizer *tokenizer = NULL;
  status = openTokenizer(options, model, opened.weights, &tokenizer);
  size_t count = 0;
  int32_t *tokens = status ? NULL : encodeText(options, tokenizer, &count);
  status = tokens == NULL;
  if (!status && count < 2)
    status = fail(options, "%s: a text of %zu tokens predicts nothing",
                  options->text, count);
  if (!status) {
    tc_prediction prediction;
    tc_status code =
        tc_engine_predict(opened.engine, tokens, count, &prediction);
    status = code ? fail(options, "%s", tc_status_text(code))
                  : print(options, &prediction);
  }
  free(tokens);
  tc_tokenizer_close(tokenizer);
  closeModel(&opened);
  return status;
}
