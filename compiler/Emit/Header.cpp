// The header is a template in which @name@ stands for the model's name, @NAME@
// for the same in capitals and @word@ for a value; so it reads here as it does
// there.
#include "compiler/Emit/Header.h"

#include <algorithm>
#include <cctype>
#include <map>

namespace emit {
namespace {

/// Everything up to the constants.
constexpr const char *beginning =
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

constexpr const char *ending = R"(
#ifdef __cplusplus
}
#endif
#endif /* @NAME@_H */
)";

/// For all models.
constexpr const char *opening = R"(
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
constexpr const char *languageExample = R"( *   @name@_engine *engine;
 *   @name@_session *session;
 *   static float row[@NAME@_OUTPUT_DIM];
 *   @name@_open("@name@.weights", 4, &engine, NULL);
 *   @name@_begin(engine, &session);
 *   @name@_prefill(session, prompt, prompt_length, row);
 *   @name@_decode(session, best_of(row), row); // ... and again
 *   @name@_end(session);
 *   @name@_close(engine);
)";
constexpr const char *languageConstants = R"(enum {
  @NAME@_VOCAB = @vocab@, /* token ids are 0 to @NAME@_VOCAB - 1 */
  @NAME@_CONTEXT = @context@, /* most tokens of a session */
  @NAME@_STEP_ROWS = @rows@, /* tokens of a prompt computed at once */
  @NAME@_OUTPUT_DIM = @output@ /* floats in an output row@scores@ */
};
)";
/// For models with sessions.
constexpr const char *sessionFunctions = R"(
/* A sequence of tokens with what the model remembers of them. Any number may
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
constexpr const char *growthFunctions = R"(
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
constexpr const char *scoreFunction = R"(
/* @scored@; `rows` receives @NAME@_OUTPUT_DIM values of each. */
static inline tc_status @name@_score(
    @name@_session *session, const int32_t *tokens, size_t count,
    float *rows) {
  return tc_session_append_all((tc_session *)session, tokens, count, rows);
}
)";
constexpr const char *lengthFunctions = R"(
/* Number of tokens that the session holds. */
static inline size_t @name@_length(const @name@_session *session) {
  return tc_session_length((const tc_session *)session);
}

/* Forgets all but the first `length` tokens. */
static inline tc_status @name@_rewind(
    @name@_session *session, size_t length) {
  return tc_session_rewind((tc_session *)session, length);
}

/* Makes another session that holds the same tokens. */
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

/// A causal model whose sessions have sources.
constexpr const char *translatorExample = R"( *   @name@_engine *engine;
 *   @name@_session *session;
 *   static float row[@NAME@_OUTPUT_DIM];
 *   @name@_open("@name@.weights", 4, &engine, NULL);
 *   @name@_begin(engine, &session);
 *   @name@_encode(session, source, source_length);
 *   @name@_decode(session, start, row);
 *   @name@_decode(session, best_of(row), row); // ... and again
 *   @name@_end(session);
 *   @name@_close(engine);
)";
constexpr const char *wholeExample = R"( *   @name@_engine *engine;
 *   @name@_session *session;
 *   @name@_open("@name@.weights", 4, &engine, NULL);
 *   @name@_begin(engine, &session);
 *   @name@_encode(session, source, source_length);
 *   @name@_score(session, tokens, count, rows);
 *   @name@_end(session);
 *   @name@_close(engine);
)";
constexpr const char *translatorConstants = R"(enum {
  @NAME@_SOURCE_VOCAB = @sourceVocab@, /* ids of a source: below this */
  @NAME@_SOURCE_CONTEXT = @sourceContext@, /* most tokens of a source */
  @NAME@_VOCAB = @vocab@, /* token ids are 0 to @NAME@_VOCAB - 1 */
  @NAME@_CONTEXT = @context@, /* most tokens of a session */
  @NAME@_STEP_ROWS = @rows@, /* tokens of a prompt computed at once */
  @NAME@_OUTPUT_DIM = @output@ /* floats in an output row@scores@ */
};
)";
constexpr const char *translatorFunctions = R"(
/* Reads the session's source, which must be there before any other tokens, and
 * forgets those. After an error the session is as it was. */
static inline tc_status @name@_encode(
    @name@_session *session, const int32_t *source, size_t count) {
  return tc_session_encode((tc_session *)session, source, count);
}
)";

/// Tokens to rows, a sequence at a time.
constexpr const char *encoderExample = R"( *   @name@_engine *engine;
 *   @name@_open("@name@.weights", 4, &engine, NULL);
 *   @name@_encode(engine, tokens, count, rows);
 *   @name@_close(engine);
)";
constexpr const char *encoderConstants = R"(enum {
  @NAME@_VOCAB = @vocab@, /* token ids are 0 to @NAME@_VOCAB - 1 */
  @NAME@_CONTEXT = @context@, /* most tokens of a sequence */
  @NAME@_OUTPUT_DIM = @output@ /* floats in an output row */
};
)";
constexpr const char *encoderFunctions = R"(
/* The output of a whole sequence: @encoded@. */
static inline tc_status @name@_encode(
    @name@_engine *engine, const int32_t *tokens, size_t count, float *rows) {
  return tc_engine_encode((tc_engine *)engine, tokens, count, rows);
}
)";

/// Real values to rows.
constexpr const char *realExample = R"( *   @name@_engine *engine;
 *   static float input[@NAME@_INPUT_SIZE], output[@NAME@_OUTPUT_SIZE];
 *   @name@_open("@name@.weights", 4, &engine, NULL);
 *   @name@_run(engine, input, 1, output);
 *   @name@_close(engine);
)";
constexpr const char *realConstants = R"(enum {
  @NAME@_INPUT_SIZE = @size@, /* floats in an input: @shape@ */
  @NAME@_OUTPUT_DIM = @output@, /* floats in an output row */
  @NAME@_OUTPUT_SIZE = @outputs@ /* floats in an output: @outputRows@ */
};
)";
constexpr const char *realFunctions = R"(
/* Computes `count` inputs, @NAME@_INPUT_SIZE floats each; `output` receives
 * @NAME@_OUTPUT_SIZE floats of each. */
static inline tc_status @name@_run(
    @name@_engine *engine, const float *input, size_t count, float *output) {
  return tc_engine_run((tc_engine *)engine, input, count, output);
}
)";

using Words = std::map<std::string, std::string>;

std::string fill(const std::string &text, const Words &words) {
  std::string filled;
  for (size_t at = 0; at < text.size();) {
    size_t open = text.find('@', at);
    size_t close = open == std::string::npos ? open : text.find('@', open + 1);
    if (close == std::string::npos)
      return filled + text.substr(at);
    filled += text.substr(at, open - at);
    filled += words.at(text.substr(open + 1, close - open - 1));
    at = close + 1;
  }
  return filled;
}

std::string capitals(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return std::toupper(c); });
  return name;
}

/// No text from outside may end the comment that it stands in.
std::string quote(std::string text) {
  for (size_t at = 0; (at = text.find("*/", at)) != std::string::npos;)
    text.replace(at, 2, "*|");
  for (char &c : text)
    c = std::iscntrl(static_cast<unsigned char>(c)) ? ' ' : c;
  return text;
}

std::string product(const std::vector<int64_t> &shape, int64_t &size) {
  std::string text;
  size = 1;
  for (int64_t dimension : shape) {
    text += (text.empty() ? "" : " x ") + std::to_string(dimension);
    size *= dimension;
  }
  return text;
}

Words collectWords(const HeaderInfo &info) {
  int64_t size = 0;
  std::string shape = product(info.inputShape, size);
  uint64_t rows = info.pooled ? 1 : info.rowsPerInput;
  bool sessions = info.tokens && info.causal && !info.pooled;
  return {
      {"name", info.name},
      {"NAME", capitals(info.name)},
      {"from", info.source.empty() ? "" : " from " + quote(info.source)},
      {"target", quote(info.target)},
      {"cuts", sessions ? "in\n * any batch and for any cut of the tokens into "
                          "calls"
                        : "in\n * any batch"},
      {"batches", sessions      ? ": many sessions in one call"
                  : info.tokens ? ": many sequences in one call"
                                : ""},
      {"vocab", std::to_string(info.vocab)},
      {"context", std::to_string(info.context)},
      {"sourceVocab", std::to_string(info.sourceVocab)},
      {"sourceContext", std::to_string(info.sourceContext)},
      {"rows", std::to_string(info.maxRows)},
      {"output", std::to_string(info.outputDim)},
      {"scores", info.outputDim == info.vocab ? ": one score a token" : ""},
      {"scored", info.causal ? "Appends tokens" : "Takes a whole sequence"},
      {"encoded", info.pooled ? "one row" : "one row a token"},
      {"shape", shape},
      {"size", std::to_string(size)},
      {"outputs", std::to_string(rows * info.outputDim)},
      {"outputRows", rows == 1 ? "one row" : std::to_string(rows) + " rows"},
      {"parameters", std::to_string(info.parameters)},
      {"weights", std::to_string(info.weightsBytes)},
      {"cache", std::to_string(info.cacheBytes)},
      {"scratch", std::to_string(info.scratchBytes)},
  };
}

} // namespace

std::string writeHeader(const HeaderInfo &info) {
  Words words = collectWords(info);
  const char *example = realExample, *constants = realConstants;
  std::string functions = realFunctions;
  if (info.sourceVocab) {
    example = info.causal ? translatorExample : wholeExample;
    constants = translatorConstants;
    functions = std::string(sessionFunctions) + translatorFunctions +
                (info.causal ? growthFunctions : "") + scoreFunction +
                (info.causal ? lengthFunctions : "");
  } else if (info.tokens && info.causal && !info.pooled) {
    example = languageExample;
    constants = languageConstants;
    functions = std::string(sessionFunctions) + growthFunctions +
                scoreFunction + lengthFunctions;
  } else if (info.tokens) {
    example = encoderExample;
    constants = encoderConstants;
    functions = encoderFunctions;
  }
  words["example"] = fill(example, words);
  return fill(std::string(beginning) + constants + opening + functions + ending,
              words);
}

} // namespace emit
