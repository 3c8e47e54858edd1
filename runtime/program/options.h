/* The command line of a made program. */
#ifndef TRANSFORMER_RUNTIME_PROGRAM_OPTIONS_H
#define TRANSFORMER_RUNTIME_PROGRAM_OPTIONS_H

#include "runtime/abi.h"

#include <stdint.h>

typedef enum command {
  COMMAND_GENERATE = 1,
  COMMAND_LOGITS = 2,
  COMMAND_RUN = 4,
  COMMAND_BENCH = 8,
  COMMAND_INFO = 16,
  COMMAND_PERPLEXITY = 32,
  COMMAND_TRANSLATE = 64,
  COMMAND_ENCODE = 128
} command;

/* -1 where nothing was said and the command chooses. */
typedef struct options {
  const char *program; /* for messages */
  command command;
  const char *prompt, *tokens, *source, *text, *input, *lengths, *types, *tap,
      *output, *weights, *trace;
  int64_t count, topK, seed, threads, cut, prefix, prefill, decode, sessions,
      repeat, batch;
  double temperature, topP;
  int64_t json, pin, profile, checkWeights, help, version;
} options;

/* 0, or 2 after a message on stderr. */
int parseOptions(options *options, const tc_model *model, int argc,
                 char **argv);

void printHelp(const options *options, const tc_model *model);

/* Prints "program: error: ..." and returns 1; wrongUse returns 2 and points to
 * --help. */
__attribute__((format(printf, 2, 3))) int fail(const options *options,
                                               const char *format, ...);
__attribute__((format(printf, 2, 3))) int wrongUse(const options *options,
                                                   const char *format, ...);

#endif
