/* Running a compiled model: an engine (model, weights, threads, working memory)
 * and the sessions (sequences of tokens or rows with what the model remembers
 * of them) that take turns on it. Nothing is allocated while it runs. */
#ifndef TRANSFORMER_RUNTIME_SESSION_H
#define TRANSFORMER_RUNTIME_SESSION_H

#include "runtime/abi.h"
#include "runtime/pool.h"
#include "runtime/status.h"
#include "runtime/weights.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Engines -------------------------------------------------------------
 * Calls on one engine from several threads wait for each other. For steps that
 * run at the same time make several engines over the same weights. */
typedef struct tc_engine tc_engine;

typedef struct tc_engine_options {
  int threads; /* 1 to TC_MAX_THREADS, the calling one included */
  tc_pinning pinning;
  /* The caller's own parallel loops instead of threads of ours; null: ours. */
  tc_parallel_for parallel_for;
  void *pool;
  /* Told when kernels begin and end, by models compiled with a profile. */
  tc_report report;
  void *report_state;
} tc_engine_options;

/* Model and weights must outlive the engine. Null options: one thread. */
tc_status tc_engine_create(const tc_model *model, const tc_weights *weights,
                           const tc_engine_options *options, tc_engine **out,
                           tc_error *error);

/* Opens the weights file too and closes it with the engine. Checks all but the
 * data's checksum; threads are not pinned. */
tc_status tc_engine_open(const tc_model *model, const char *weights_file,
                         int threads, tc_engine **out, tc_error *error);

/* After its sessions. Null is allowed. */
void tc_engine_destroy(tc_engine *engine);

const tc_model *tc_engine_model(const tc_engine *engine);

/* ---- Sessions ------------------------------------------------------------
 * For models whose tokens or rows see only earlier ones (tc_model.causal, not
 * pooled), and for encoder-decoders. One whose decoder is not causal takes a
 * whole sequence in each call and holds none of its tokens afterwards. One call
 * at a time on each: a second one gets TC_BUSY. */
typedef struct tc_session tc_session;

tc_status tc_session_create(tc_engine *engine, tc_session **out);
/* Null is allowed. */
void tc_session_destroy(tc_session *session);

/* Number of tokens or rows it holds. */
size_t tc_session_length(const tc_session *session);

/* Forgets all but the first `length` of them; of a recurrent model all or none.
 */
tc_status tc_session_rewind(tc_session *session, size_t length);

/* The first `length` tokens or rows of the still empty session will see each
 * other, in models with `mask: prefix` (TC_PREFIX). They come in one call,
 * perhaps with more behind them; a session is not rewound to a part of them.
 * TC_TOO_LONG if one step has no room for them. */
tc_status tc_session_set_prefix(tc_session *session, size_t length);

/* A new session that holds the same. */
tc_status tc_session_fork(tc_session *session, tc_session **out);

/* Appends tokens; `output` (output_dim floats) receives the row of the last
 * one, for a language model the scores of the token that follows. May be null.
 * After an error the session is as it was. */
tc_status tc_session_append(tc_session *session, const int32_t *tokens,
                            size_t count, float *output);

/* The same with `output` receiving a row of each token. */
tc_status tc_session_append_all(tc_session *session, const int32_t *tokens,
                                size_t count, float *output);

/* ---- Sources -------------------------------------------------------------
 * Of encoder-decoders: their tokens are about a source, which a session must
 * have before it appends any. */

/* Of encoder-decoders whose source is an array of reals or rows of them
 * (tc_model.source_input): `source` holds `count` rows of source_shape[0]
 * finite floats, or one array (`count` is 1). Otherwise as tc_session_encode.
 */
tc_status tc_session_encode_reals(tc_session *session, const float *source,
                                  size_t count);

/* Reads `count` tokens as the session's source, in place of the one before, and
 * forgets its tokens. After an error the session is as it was. */
tc_status tc_session_encode(tc_session *session, const int32_t *source,
                            size_t count);

/* Number of rows that the encoder has made of it; 0: it has none yet. */
size_t tc_session_source_length(const tc_session *session);

/* ---- Several sequences at once ------------------------------------------- */

typedef enum tc_want {
  TC_WANT_NONE = 0,
  TC_WANT_LAST, /* one row: of the last token, or of a pooled model */
  TC_WANT_ALL   /* all that come out, as many as tokens or rows or as
                   tc_made_rows says; of a pooled model one row */
} tc_want;

typedef struct tc_entry {
  tc_session *session; /* null: a whole sequence of a model without sessions */
  const int32_t *tokens; /* null: the model takes rows */
  size_t count;          /* of tokens or rows */
  tc_want want;
  float *output;     /* rows of output_dim floats, without gaps */
  const float *rows; /* of input_shape[0] finite floats, without gaps; null: it
                        takes tokens */
  /* Null, or of each tap of the model null or where to put what it hands out of
   * each of its rows (tc_tap_rows): tc_tap_size floats, without gaps. Those of
   * an encoder receive theirs when it reads the source. */
  float *const *taps;
  /* Of each token or row its type, below tc_model.types; null: all 0. */
  const int32_t *types;
} tc_entry;

/* Appends the tokens or rows of each entry to its session, all sharing the
 * steps of the model. Results are the same bits as of one entry at a time, one
 * token or row at a time. Quickest when the rows wanted lie one after the other
 * in memory. After an error all sessions are as they were. */
tc_status tc_engine_step(tc_engine *engine, const tc_entry *entries,
                         size_t count);

/* Reads the tokens (or rows, or array) of each entry as the source of its
 * session, all sharing the steps of the encoder. With TC_WANT_ALL `output`
 * receives the rows that it makes, of tc_model.source_dim floats. After an
 * error all sessions are as they were. */
tc_status tc_engine_encode_sources(tc_engine *engine, const tc_entry *entries,
                                   size_t count);
/* One entry of a model that takes rows. */
tc_status tc_session_append_rows(tc_session *session, const float *rows,
                                 size_t count, tc_want want, float *output);

/* All output rows of one whole sequence, for models without sessions. */
tc_status tc_engine_encode(tc_engine *engine, const int32_t *tokens,
                           size_t count, float *output);

/* The same for models that take rows of reals, input_shape[0] values each. */
tc_status tc_engine_encode_rows(tc_engine *engine, const float *rows,
                                size_t count, float *output);

/* For models with one array of reals as input: `input` holds `count` inputs of
 * the shape tc_model.input_shape, `output` receives tc_output_rows(model) rows
 * of each.
 */
tc_status tc_engine_run(tc_engine *engine, const float *input, size_t count,
                        float *output);
/* The same for models that tell rows apart: `types` holds those of all rows of
 * each input, tc_model.typed_rows of them. */
tc_status tc_engine_run_types(tc_engine *engine, const float *input,
                              const int32_t *types, size_t count,
                              float *output);
/* The same for models that hand out more than their output; `taps` as those of
 * tc_entry, of all rows of the first input, then of the next. Types may be
 * null: all 0. */
tc_status tc_engine_run_taps(tc_engine *engine, const float *input,
                             const int32_t *types, size_t count, float *output,
                             float *const *taps);

/* 1 if the model has sessions; 0 if it takes sequences whole. */
int tc_has_sessions(const tc_model *model);
/* Floats in one array of reals that is a source, or in a row of one; 0: sources
 * are tokens. */
size_t tc_source_size(const tc_model *model);
/* Rows that the encoder makes of `count` tokens or rows, or of an array. */
size_t tc_encoded_rows(const tc_model *model, size_t count);
/* 1 if its sessions have sources. */
int tc_has_sources(const tc_model *model);
/* Floats in one real-valued input, or in a row of a sequence of them. */
size_t tc_input_size(const tc_model *model);
/* Rows that the model (of an encoder-decoder the encoder) makes of a sequence
 * of so many; 0: it is too short for one. Of a real-valued input always the
 * same. */
size_t tc_made_rows(const tc_model *model, size_t rows);
/* Output rows of one real-valued input. */
size_t tc_output_rows(const tc_model *model);
/* Rows that TC_WANT_ALL has of an entry of `count` tokens or rows. */
size_t tc_entry_outputs(const tc_model *model, size_t count);
/* Rows that a tap has of a sequence of so many, or of one real-valued input; of
 * an encoder those that it has of a source. */
size_t tc_tap_rows(const tc_model *model, const tc_tap *tap, size_t rows);
/* Floats that a tap hands out of a row. */
size_t tc_tap_size(const tc_tap *tap);

#ifdef __cplusplus
}
#endif
#endif
