/* How well a model predicts a text. */
#ifndef TRANSFORMER_RUNTIME_PROGRAM_PREDICT_H
#define TRANSFORMER_RUNTIME_PROGRAM_PREDICT_H

#include "runtime/session.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tc_prediction {
  size_t tokens;     /* that were predicted */
  double loss;       /* mean of -log of the probability given to each */
  double perplexity; /* exp(loss) */
} tc_prediction;

/* Cuts the tokens into chunks as long as the context (the last may be shorter)
 * and predicts all but the first of each from those before it in the chunk.
 * For models with sessions whose output scores tokens; allocates some rows. */
tc_status tc_engine_predict(tc_engine *engine, const int32_t *tokens,
                            size_t count, tc_prediction *out);

#ifdef __cplusplus
}
#endif
#endif
