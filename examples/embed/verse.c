/* Continues a text in three ways at once: the prompt is computed one time, its
 * session forked, and each step of the model serves all three. */
#include "scripture.h"

#include "runtime/text/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAYS = 3, LENGTH = 40, VOCAB = SCRIPTURE_VOCAB };

static void check(tc_status status) {
  if (status) {
    fprintf(stderr, "%s\n", tc_status_text(status));
    exit(1);
  }
}

int main(int argc, char **argv) {
  const char *prompt = argc > 1 ? argv[1] : "In the beginning";
  static int32_t ids[WAYS][SCRIPTURE_CONTEXT];
  static float scores[WAYS][VOCAB];
  scripture_engine *engine;
  scripture_session *sessions[WAYS];
  tc_tokenizer *tokenizer;
  tc_weights *weights;
  tc_error error;

  /* The tokenizer lies in the weights file. */
  size_t bytes = 0;
  if (tc_weights_open(&scripture_model, SCRIPTURE_WEIGHTS_FILE, TC_CHECK_DATA,
                      &weights, &error) ||
      scripture_open(SCRIPTURE_WEIGHTS_FILE, 2, &engine, &error)) {
    fprintf(stderr, "%s\n", error.text);
    return 1;
  }
  const void *blob = tc_weights_tokenizer(weights, &bytes);
  if (tc_tokenizer_open(blob, bytes, &tokenizer) != TC_TEXT_OK)
    return 1;
  ptrdiff_t length = tc_encode(tokenizer, prompt, strlen(prompt), 1, ids[0],
                               SCRIPTURE_CONTEXT - LENGTH);
  if (length < 1 || length > SCRIPTURE_CONTEXT - LENGTH)
    return 1;

  check(scripture_begin(engine, &sessions[0]));
  check(scripture_prefill(sessions[0], ids[0], (size_t)length, scores[0]));
  for (int way = 1; way < WAYS; ++way) {
    check(scripture_fork(sessions[0], &sessions[way]));
    memcpy(scores[way], scores[0], sizeof scores[0]);
  }

  const tc_sampling sampling = {0.8f, 0, 0.95f};
  uint64_t random = 1;
  void *scratch = malloc(tc_sample_scratch_bytes(VOCAB));
  int32_t last = ids[0][length - 1];
  for (int made = 0; made < LENGTH; ++made) {
    tc_entry entries[WAYS];
    for (int way = 0; way < WAYS; ++way) {
      int32_t *id = &ids[way][made];
      *id = tc_sample(scores[way], VOCAB, &sampling, &random, scratch);
      tc_entry entry = {(tc_session *)sessions[way],
                        id,
                        1,
                        TC_WANT_LAST,
                        scores[way],
                        NULL,
                        NULL,
                        NULL};
      entries[way] = entry;
    }
    check(tc_engine_step(scripture_runtime(engine), entries, WAYS));
  }

  for (int way = 0; way < WAYS; ++way) {
    printf("%s", prompt);
    for (int i = 0; i < LENGTH; ++i) {
      char piece[256];
      size_t count = tc_decode_piece(tokenizer, i ? ids[way][i - 1] : last,
                                     ids[way][i], piece, sizeof piece);
      fwrite(piece, 1, count < sizeof piece ? count : sizeof piece, stdout);
    }
    printf("\n\n");
    scripture_end(sessions[way]);
  }
  free(scratch);
  tc_tokenizer_close(tokenizer);
  scripture_close(engine);
  tc_weights_close(weights);
  return 0;
}
