// The pieces of a model's header, as templates in which @name@ stands for the
// model's name, @NAME@ for the same in capitals and @word@ for a value; so it
// reads here as it does there.
#ifndef COMPILER_EMIT_HEADERTEXT_H
#define COMPILER_EMIT_HEADERTEXT_H

namespace emit {

/// Everything up to the constants.
inline constexpr const char *beginning =
    R"(/* @name@.h - written by transformer-compile@from@ for
 * @target@.
 *
 * Link @name@.o and the runtime; load @name@.weights.
 *
@example@ *
 * Functions return a tc_status, 0 when all is well; tc_status_text() says what
 * it means. Results have the same bits for any number of threads, @cuts@. */
#ifndef @NAME@_H
#define @NAME@_H

#include "runtime/runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

)";

inline constexpr const char *ending = R"(
#ifdef __cplusplus
}
#endif
#endif /* @NAME@_H */
)";

/// For models that hand out more than their output.
inline constexpr const char *taps = R"(
/* What @tapsWhere@ of runtime/session.h points to, one pointer each:
@tapList@ */
enum { @NAME@_TAPS = @tapCount@ };
)";

/// For models whose decoder has rows of its own.
inline constexpr const char *queryConstants = R"(enum {
  @NAME@_QUERIES = @queries@ /* output rows of each input */
};
)";

/// For models whose output rows have parts.
inline constexpr const char *partConstants = R"(
/* The parts of an output row: the first value of each, and how many. */
enum {
@partList@};
)";

/// Of models that tell rows apart.
inline constexpr const char *typed = R"(
enum { @NAME@_TYPES = @types@ }; /* of rows: @typesWhere@ */
)";

/// For all models.
inline constexpr const char *opening = R"(
#define @NAME@_PARAMETERS UINT64_C(@parameters@)
#define @NAME@_WEIGHTS_BYTES UINT64_C(@weights@) /* mapped, shared */
#define @NAME@_CACHE_BYTES UINT64_C(@cache@) /* of each sequence */
#define @NAME@_SCRATCH_BYTES UINT64_C(@scratch@) /* of each engine */

/* The compiled model itself, for use without these functions: see abi.h. */
extern const tc_model @name@_model;

/* The model with its weights, its threads and working memory. */
typedef struct @name@_engine @name@_engine;

/* Opens the weights and starts `threads` - 1 threads beside the calling one.
 * `error`, if not null, receives what is wrong and how to mend it. */
static inline tc_status @name@_open(
    const char *weights_file, int threads, @name@_engine **engine,
    tc_error *error) {
  tc_engine *opened = NULL;
  tc_status status = tc_engine_open(
      &@name@_model, weights_file, threads, engine ? &opened : NULL, error);
  if (engine)
    *engine = (@name@_engine *)opened;
  return status;
}

/* Closes the weights and ends the threads. Null is allowed. */
static inline void @name@_close(@name@_engine *engine) {
  tc_engine_destroy((tc_engine *)engine);
}

/* The engine for the functions of runtime/session.h@batches@. */
static inline tc_engine *@name@_runtime(@name@_engine *engine) {
  return (tc_engine *)engine;
}
)";

/// A causal model: sessions.
inline constexpr const char *languageExample = R"( *   @name@_engine *engine;
 *   @name@_session *session;
 *   static float row[@NAME@_OUTPUT_DIM];
 *   @name@_open("@name@.weights", 4, &engine, NULL);
 *   @name@_begin(engine, &session);
 *   @name@_prefill(session, prompt, prompt_length, row);
 *   @name@_decode(session, best_of(row), row); // ... and again
 *   @name@_end(session);
 *   @name@_close(engine);
)";
inline constexpr const char *languageConstants = R"(enum {
  @NAME@_VOCAB = @vocab@, /* token ids are 0 to @NAME@_VOCAB - 1 */
  @NAME@_CONTEXT = @context@, /* most tokens of a session */
  @NAME@_STEP_ROWS = @rows@, /* tokens of a prompt computed at once */
  @NAME@_OUTPUT_DIM = @output@ /* floats in an output row@scores@ */
};
)";
/// For models with sessions.
inline constexpr const char *sessionFunctions = R"(
/* A sequence of @elements@ with what the model remembers of them. Any number may
 * share an engine; each is for one thread at a time. */
typedef struct @name@_session @name@_session;

static inline tc_status @name@_begin(
    @name@_engine *engine, @name@_session **session) {
  tc_session *made = NULL;
  tc_status status =
      tc_session_create((tc_engine *)engine, session ? &made : NULL);
  if (session)
    *session = (@name@_session *)made;
  return status;
}

/* Before its engine is closed. Null is allowed. */
static inline void @name@_end(@name@_session *session) {
  tc_session_destroy((tc_session *)session);
}
)";
/// For those whose sessions grow.
inline constexpr const char *growthFunctions = R"(
/* Appends tokens. `row`, if not null, receives the values of the last one,
 * @NAME@_OUTPUT_DIM of them. After an error the session is as it was. */
static inline tc_status @name@_prefill(
    @name@_session *session, const int32_t *tokens, size_t count, float *row) {
  return tc_session_append((tc_session *)session, tokens, count, row);
}

/* @name@_prefill of one token. */
static inline tc_status @name@_decode(
    @name@_session *session, int32_t token, float *row) {
  return tc_session_append((tc_session *)session, &token, 1, row);
}
)";
inline constexpr const char *scoreFunction = R"(
/* @scored@; `rows` receives @NAME@_OUTPUT_DIM values of each. */
static inline tc_status @name@_score(
    @name@_session *session, const int32_t *tokens, size_t count,
    float *rows) {
  return tc_session_append_all((tc_session *)session, tokens, count, rows);
}
)";
inline constexpr const char *lengthFunctions = R"(
/* Number of @elements@ that the session holds. */
static inline size_t @name@_length(const @name@_session *session) {
  return tc_session_length((const tc_session *)session);
}

/* Forgets all but the first `length` @elements@@rewinds@. */
static inline tc_status @name@_rewind(
    @name@_session *session, size_t length) {
  return tc_session_rewind((tc_session *)session, length);
}

/* Makes another session that holds the same @elements@. */
static inline tc_status @name@_fork(
    @name@_session *session, @name@_session **copy) {
  tc_session *made = NULL;
  tc_status status =
      tc_session_fork((tc_session *)session, copy ? &made : NULL);
  if (copy)
    *copy = (@name@_session *)made;
  return status;
}
)";

/// Of models with a prefix.
inline constexpr const char *prefixFunction = R"(
/* The first `count` @elements@ will see each other: before they are appended,
 * which takes one call. */
static inline tc_status @name@_prefix(
    @name@_session *session, size_t count) {
  return tc_session_set_prefix((tc_session *)session, count);
}
)";

/// A causal model whose sessions have sources.
inline constexpr const char *translatorExample = R"( *   @name@_engine *engine;
 *   @name@_session *session;
 *   static float row[@NAME@_OUTPUT_DIM];
 *   @name@_open("@name@.weights", 4, &engine, NULL);
 *   @name@_begin(engine, &session);
 *   @name@_encode(session, @source@);
 *   @name@_decode(session, start, row);
 *   @name@_decode(session, best_of(row), row); // ... and again
 *   @name@_end(session);
 *   @name@_close(engine);
)";
inline constexpr const char *wholeExample = R"( *   @name@_engine *engine;
 *   @name@_session *session;
 *   @name@_open("@name@.weights", 4, &engine, NULL);
 *   @name@_begin(engine, &session);
 *   @name@_encode(session, @source@);
 *   @name@_score(session, tokens, count, rows);
 *   @name@_end(session);
 *   @name@_close(engine);
)";
inline constexpr const char *sourceTokens = R"(enum {
  @NAME@_SOURCE_VOCAB = @sourceVocab@, /* ids of a source: below this */
  @NAME@_SOURCE_CONTEXT = @sourceContext@ /* most tokens of a source */
};
)";
inline constexpr const char *sourceRows = R"(enum {
  @NAME@_SOURCE_DIM = @sourceSize@, /* floats in a row of a source */
  @NAME@_SOURCE_CONTEXT = @sourceContext@ /* most rows of a source */
};
)";
inline constexpr const char *sourceImage = R"(enum {
  @NAME@_SOURCE_SIZE = @sourceSize@ /* floats in a source: @sourceShape@ */
};
)";
inline constexpr const char *translatorConstants = R"(enum {
  @NAME@_VOCAB = @vocab@, /* token ids are 0 to @NAME@_VOCAB - 1 */
  @NAME@_CONTEXT = @context@, /* most tokens of a session */
  @NAME@_STEP_ROWS = @rows@, /* tokens of a prompt computed at once */
  @NAME@_OUTPUT_DIM = @output@ /* floats in an output row@scores@ */
};
)";
inline constexpr const char *encodeTokens = R"(
/* Reads the session's source, which must be there before any other tokens, and
 * forgets those. After an error the session is as it was. */
static inline tc_status @name@_encode(
    @name@_session *session, const int32_t *source, size_t count) {
  return tc_session_encode((tc_session *)session, source, count);
}
)";

inline constexpr const char *encodeRows = R"(
/* Reads the session's source, rows of @NAME@_SOURCE_DIM finite values, which must
 * be there before any tokens, and forgets those. After an error the session is as
 * it was. */
static inline tc_status @name@_encode(
    @name@_session *session, const float *source, size_t count) {
  return tc_session_encode_reals((tc_session *)session, source, count);
}
)";
inline constexpr const char *encodeImage = R"(
/* Reads the session's source, @NAME@_SOURCE_SIZE finite values, which must be
 * there before any tokens, and forgets those. After an error the session is as it
 * was. */
static inline tc_status @name@_encode(
    @name@_session *session, const float *image) {
  return tc_session_encode_reals((tc_session *)session, image, 1);
}
)";

/// Tokens to rows, a sequence at a time.
inline constexpr const char *encoderExample = R"( *   @name@_engine *engine;
 *   @name@_open("@name@.weights", 4, &engine, NULL);
 *   @name@_encode(engine, tokens, count, rows);
 *   @name@_close(engine);
)";
inline constexpr const char *encoderConstants = R"(enum {
  @NAME@_VOCAB = @vocab@, /* token ids are 0 to @NAME@_VOCAB - 1 */
  @NAME@_CONTEXT = @context@, /* most tokens of a sequence */
  @NAME@_OUTPUT_DIM = @output@ /* floats in an output row */
};
)";
inline constexpr const char *encoderFunctions = R"(
/* The output of a whole sequence: @encoded@. */
static inline tc_status @name@_encode(
    @name@_engine *engine, const int32_t *tokens, size_t count, float *rows) {
  return tc_engine_encode((tc_engine *)engine, tokens, count, rows);
}
)";

/// Rows of reals, continued row by row or a sequence at a time.
inline constexpr const char *rowsConstants = R"(enum {
  @NAME@_INPUT_DIM = @size@, /* floats in a row, all of them finite */
  @NAME@_CONTEXT = @context@, /* most rows of a sequence */
  @NAME@_STEP_ROWS = @rows@, /* rows computed at once */
  @NAME@_OUTPUT_DIM = @output@ /* floats in an output row */
};
)";
inline constexpr const char *rowsSessionExample = R"( *   @name@_engine *engine;
 *   @name@_session *session;
 *   static float row[@NAME@_INPUT_DIM], result[@NAME@_OUTPUT_DIM];
 *   @name@_open("@name@.weights", 4, &engine, NULL);
 *   @name@_begin(engine, &session);
 *   @name@_append(session, row, 1, result); // ... and again
 *   @name@_end(session);
 *   @name@_close(engine);
)";
inline constexpr const char *rowsSessionFunctions = R"(
/* Appends rows of @NAME@_INPUT_DIM values. `result`, if not null, receives those
 * of the last one, @NAME@_OUTPUT_DIM of them. After an error the session is as
 * it was. */
static inline tc_status @name@_append(
    @name@_session *session, const float *rows, size_t count, float *result) {
  return tc_session_append_rows((tc_session *)session, rows, count,
                                result ? TC_WANT_LAST : TC_WANT_NONE, result);
}

/* The same; `results` receives @NAME@_OUTPUT_DIM values of each row. */
static inline tc_status @name@_append_all(
    @name@_session *session, const float *rows, size_t count,
    float *results) {
  return tc_session_append_rows((tc_session *)session, rows, count,
                                TC_WANT_ALL, results);
}
)";
inline constexpr const char *rowsExample = R"( *   @name@_engine *engine;
 *   @name@_open("@name@.weights", 4, &engine, NULL);
 *   @name@_run(engine, rows, count, results);
 *   @name@_close(engine);
)";
inline constexpr const char *rowsFunctions = R"(
/* The output of a whole sequence: @encoded@. */
static inline tc_status @name@_run(
    @name@_engine *engine, const float *rows, size_t count, float *results) {
  return tc_engine_encode_rows((tc_engine *)engine, rows, count, results);
}
)";

/// Real values to rows.
inline constexpr const char *realExample = R"( *   @name@_engine *engine;
 *   static float input[@NAME@_INPUT_SIZE], output[@NAME@_OUTPUT_SIZE];
 *   @name@_open("@name@.weights", 4, &engine, NULL);
 *   @name@_run(engine, input, 1, output);
 *   @name@_close(engine);
)";
inline constexpr const char *realConstants = R"(enum {
  @NAME@_INPUT_SIZE = @size@, /* floats in an input: @shape@ */
  @NAME@_OUTPUT_DIM = @output@, /* floats in an output row */
  @NAME@_OUTPUT_SIZE = @outputs@ /* floats in an output: @outputRows@ */
};
)";
inline constexpr const char *realFunctions = R"(
/* Computes `count` inputs, @NAME@_INPUT_SIZE floats each; `output` receives
 * @NAME@_OUTPUT_SIZE floats of each. */
static inline tc_status @name@_run(
    @name@_engine *engine, const float *input, size_t count, float *output) {
  return tc_engine_run((tc_engine *)engine, input, count, output);
}
)";

/// Of those that hand out more.
inline constexpr const char *tapFunction = R"(
/* The same; `taps` holds @NAME@_TAPS pointers, each null or where what the tap
 * hands out of all inputs goes. */
static inline tc_status @name@_run_taps(
    @name@_engine *engine, const float *input, size_t count, float *output,
    float *const *taps) {
  return tc_engine_run_taps((tc_engine *)engine, input, NULL, count, output,
                            taps);
}
)";

} // namespace emit

#endif // COMPILER_EMIT_HEADERTEXT_H
