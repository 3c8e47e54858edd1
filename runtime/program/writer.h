/* Samples tokens after a prompt and prints them as they come. */
#ifndef TRANSFORMER_RUNTIME_PROGRAM_WRITER_H
#define TRANSFORMER_RUNTIME_PROGRAM_WRITER_H

#include "runtime/program/commands.h"

typedef struct writer {
  const options *options;
  const tc_model *model;
  tc_tokenizer *tokenizer; /* null: ids are printed */
  int hides_added;         /* tokens added to the vocabulary are not printed */
  const char *echo;        /* printed first, or null */
  double temperature;      /* where the options say none */
  int32_t end;             /* ends the text, too; -1: none */
  int32_t *prompt;
  size_t prompt_count;
  float *scores;
  void *scratch;
  tc_session *session;
} writer;

/* The ids of a text, of `vocab` different ones and at most `most`, in a new
 * array; `what` names it in messages. 0, or 1 after a message. */
int tokensOfText(const writer *writer, const char *what, const char *text,
                 uint32_t vocab, uint32_t most, int32_t **ids, size_t *count);

/* Makes the session and what sampling needs; 0, or 1 after a message. */
int beginWriting(writer *writer, tc_engine *engine);
/* Feeds the prompt, then each new token in turn. */
int writeTokens(writer *writer);
/* Frees what the writer holds, also what its user has put there. */
void endWriting(writer *writer);

#endif
