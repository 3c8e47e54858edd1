/* One session takes a chunk after the other; sums are in double. */
#include "runtime/program/predict.h"

#include <math.h>
#include <stdlib.h>

/* Rows of scores held at once. */
#define PIECE 64

/* -log of the softmax of `scores` at `token`. */
static double lossOf(const float *scores, size_t vocab, int32_t token) {
  float most = scores[0];
  for (size_t i = 1; i < vocab; ++i)
    most = scores[i] > most ? scores[i] : most;
  double sum = 0;
  for (size_t i = 0; i < vocab; ++i)
    sum += exp((double)scores[i] - (double)most);
  return log(sum) + (double)most - (double)scores[token];
}

static tc_status predictChunk(tc_session *session, size_t vocab,
                              const int32_t *tokens, size_t count, float *rows,
                              double *loss) {
  tc_status status = tc_session_rewind(session, 0);
  for (size_t done = 0; !status && done + 1 < count; done += PIECE) {
    size_t left = count - 1 - done, piece = left < PIECE ? left : PIECE;
    status = tc_session_append_all(session, tokens + done, piece, rows);
    for (size_t i = 0; !status && i < piece; ++i)
      *loss += lossOf(rows + i * vocab, vocab, tokens[done + i + 1]);
  }
  return status;
}

tc_status tc_engine_predict(tc_engine *engine, const int32_t *tokens,
                            size_t count, tc_prediction *out) {
  const tc_model *model = tc_engine_model(engine);
  *out = (tc_prediction){0};
  if (!tc_has_sessions(model) || model->output_dim != model->vocab)
    return TC_BAD_ARGUMENT;
  for (size_t i = 0; i < count; ++i)
    if (tokens[i] < 0 || (uint32_t)tokens[i] >= model->vocab)
      return TC_BAD_TOKEN;
  float *rows = malloc((size_t)PIECE * model->vocab * sizeof *rows);
  tc_session *session = NULL;
  tc_status status = rows ? tc_session_create(engine, &session) : TC_NO_MEMORY;
  double loss = 0;
  for (size_t at = 0; !status && at < count; at += model->context) {
    size_t left = count - at;
    size_t chunk = left < model->context ? left : model->context;
    status =
        predictChunk(session, model->vocab, tokens + at, chunk, rows, &loss);
    out->tokens += chunk - 1;
  }
  tc_session_destroy(session);
  free(rows);
  if (status)
    return status;
  out->loss = out->tokens ? loss / (double)out->tokens : 0;
  out->perplexity = exp(out->loss);
  return TC_OK;
}
