/* Models written by hand in place of compiled ones. Their results depend on
 * weights, tokens, positions and caches; each step checks that what it is given
 * keeps the contract of tc_step. */
#ifndef TEST_RUNTIME_FAKEMODEL_H
#define TEST_RUNTIME_FAKEMODEL_H

#include "runtime/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  FAKE_VOCAB = 50,
  FAKE_CONTEXT = 40,
  FAKE_MAX_ROWS = 12,
  FAKE_MAX_OUTPUTS = 7,
  FAKE_TILE_ROWS = 4,
  FAKE_WEIGHTS = 50, /* floats */
  FAKE_TEXT_VOCAB = 512,
  FAKE_SOURCE_VOCAB = 30,
  FAKE_SOURCE_CONTEXT = 9,
  FAKE_ROW = 3,   /* floats */
  FAKE_IMAGE = 4, /* floats of the detector's */
  FAKE_IMAGE_ROWS = 5,
  FAKE_QUERIES = 3
};

/* A language model: the row of position p has
 *   output[j] = p + sum over q <= p of weights[(token[q] + j) % 50]. */
extern const tc_model fake_language_model;
/* The same with more tokens than weights, as many as a small tokenizer has. */
extern const tc_model fake_text_model;
/* Images of 2x3x3 to one row of 5 values: output[j] = mean + weights[j]. The
 * tap has two rows, the sum of each channel. */
extern const tc_model fake_image_model;
/* Whole sequences of tokens, three values a row: weights[token], the sum over
 * the sequence, the position. */
extern const tc_model fake_encoder_model;
/* The language model with a source, whose tokens s add weights[(s + 2 j) % 50]
 * to each row. Its encoder puts out weights[token] and the position. */
extern const tc_model fake_translator_model;

/* Rows of reals, continued: the row of position p has the one value
 *   p + the sum of all values of the rows q <= p
 * and a tap, whose two rounds are the sum of the row's own values and twice
 * that.
 */
extern const tc_model fake_rows_model;

/* The language model with rows of reals as its source, whose values are added
 * to each row. Its encoder puts out the sum of each row and the position, and has
 * a tap of the sums. */
extern const tc_model fake_reader_model;

/* Images of 1x2x2 to FAKE_QUERIES rows: row q has the sum of the image and q,
 * and how many rows the encoder has made. Its tap has the former, that of the
 * encoder two rows, each half of the sum. */
extern const tc_model fake_detector_model;

/* Number of times that a step broke the contract, and of steps; both since the
 * program began. */
int fake_violations(void);
int fake_steps(void);

#ifdef __cplusplus
}
#endif
#endif
