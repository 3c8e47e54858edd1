/* The commands of a made program, and what they share. */
#ifndef TRANSFORMER_RUNTIME_PROGRAM_COMMANDS_H
#define TRANSFORMER_RUNTIME_PROGRAM_COMMANDS_H

#include "runtime/program/options.h"
#include "runtime/session.h"
#include "runtime/text/text.h"

/* Each returns what main should, after a message. */
int generate(const options *options, const tc_model *model);
int logits(const options *options, const tc_model *model);
int run(const options *options, const tc_model *model);
int perplexity(const options *options, const tc_model *model);
int bench(const options *options, const tc_model *model);
int info(const options *options, const tc_model *model);
int translate(const options *options, const tc_model *model);
int encode(const options *options, const tc_model *model);

/* ---- open.c -------------------------------------------------------------- */

typedef struct opened {
  tc_weights *weights;
  tc_engine *engine;
  struct profile *profile; /* with --profile, else null */
} opened;

/* Opens the weights, checks them as the options say and starts the threads.
 * 0, or 1 after a message. */
int openModel(const options *options, const tc_model *model, opened *opened);
int openWeights(const options *options, const tc_model *model,
                tc_weights **weights, tc_error *error);
void closeModel(opened *opened);

/* The tokenizer of the weights file; 0, or 1 after a message. */
int openTokenizer(const options *options, const tc_model *model,
                  const tc_weights *weights, tc_tokenizer **tokenizer);

/* The path of the weights file in `buffer`; 0 if it is too long. */
int weightsPath(const options *options, char *buffer, size_t capacity);

/* Seconds since some moment. */
double now(void);

/* ---- sequences.c --------------------------------------------------------- */

typedef struct sequence_list {
  int32_t *tokens; /* of all sequences, or null and ... */
  float *rows;     /* ... their rows of reals */
  int32_t *types;  /* of all rows, or null */
  size_t *ends;    /* of each sequence in `tokens` or `rows` */
  size_t sequences;
} sequence_list;

void freeSequences(sequence_list *list);

/* Writes their outputs to the file of --output, and what --tap names to its
 * own. `shape` is that of the sequences' rows: of all, or sequences x rows. 0,
 * or 1 or 2 after a message. */
int writeOutputs(const options *options, const tc_model *model,
                 const sequence_list *list, const sequence_list *sources,
                 const size_t *shape, size_t dimensions);

/* ---- taps.c -------------------------------------------------------------- */

/* What --tap names, before anything is written; the path behind it, or null
 * after a message. */
const char *findTap(const options *options, const tc_model *model,
                    uint32_t *tap);

/* The shape of what a tap hands out of a row; how many dimensions it has, at
 * most 3. */
size_t tapShape(const tc_tap *tap, size_t *shape);

/* ---- tokens.c ------------------------------------------------------------ */

/* Parses "1,2,3;4,5" and checks the ids and lengths; 0, or 1 or 2 after a
 * message. */
int parseTokens(const options *options, const tc_model *model,
                sequence_list *list);
/* The same for --source and the model's sources, which may also be rows of
 * reals or arrays of them (counted in `ends`), from a file. */
int parseSources(const options *options, const tc_model *model,
                 sequence_list *list);
/* Gives the rows of the list the types that --types says, if it is there. */
int parseTypes(const options *options, const tc_model *model,
               sequence_list *list);
/* Where sequence number `sequence` begins in `tokens` or `rows`. */
size_t beginOf(const sequence_list *list, size_t sequence);

/* ---- arrays.c ------------------------------------------------------------ */

/* A file of all of these values; what main should return, after a message. */
int writeArray(const options *options, const char *path, const float *values,
               const size_t *shape, size_t dimensions);

/* ---- encode.c ------------------------------------------------------------ */

/* What a tap hands out of all sequences, one after the other. */
typedef struct handed {
  const char *path; /* null: nothing is wanted */
  uint32_t tap;
  float *values;
} handed;

/* Reads a source for each of as many sessions; `rows`, if not null, receives
 * all rows of the encoder, and so does `handed`. */
tc_status encodeSources(tc_engine *engine, const sequence_list *sources,
                        tc_session **sessions, float *rows,
                        const handed *handed);

/* ---- rows.c -------------------------------------------------------------- */

struct array;

/* `run` of a model that takes rows of reals. */
int runRows(const options *options, const tc_model *model, struct array *input);
/* parseSources of those that are no tokens. */
int readSources(const options *options, const tc_model *model,
                sequence_list *list);

#endif
