/* Token ids on the command line. */
#include "runtime/program/commands.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int allocate(const char *text, sequence_list *list) {
  size_t tokens = 1, sequences = 1;
  for (const char *at = text; *at; ++at) {
    tokens += *at == ',' || *at == ';';
    sequences += *at == ';';
  }
  list->tokens = malloc(tokens * sizeof *list->tokens);
  list->ends = malloc(sequences * sizeof *list->ends);
  return list->tokens && list->ends;
}

/* What an option takes. */
typedef struct kind {
  const char *option, *text, *whole;
  uint32_t vocab, most;
} kind;

static int parse(const options *options, const kind *kind,
                 sequence_list *list) {
  const char *at = kind->text;
  for (size_t count = 0, begin = 0;;) {
    char *end;
    errno = 0;
    long id = strtol(at, &end, 10);
    if (end == at || (*end && *end != ',' && *end != ';'))
      return wrongUse(options, "'--%s' takes ids such as 1,2,3, not '%.20s'",
                      kind->option, at);
    if (errno || id < 0 || (uint64_t)id >= kind->vocab)
      return fail(options, "token id %.*s is outside the vocabulary, 0 to %u",
                  (int)(end - at), at, kind->vocab - 1);
    list->tokens[count++] = (int32_t)id;
    if (count - begin > kind->most)
      return fail(options, "more tokens than the model's %s of %u", kind->whole,
                  kind->most);
    if (*end != ',') {
      begin = list->ends[list->sequences++] = count;
      if (!*end)
        return 0;
    }
    at = end + 1;
  }
}

static int parseList(const options *options, const kind *kind,
                     sequence_list *list) {
  memset(list, 0, sizeof *list);
  if (!allocate(kind->text, list)) {
    freeSequences(list);
    return fail(options, "out of memory");
  }
  int status = parse(options, kind, list);
  if (status)
    freeSequences(list);
  return status;
}

int parseTokens(const options *options, const tc_model *model,
                sequence_list *list) {
  const kind kind = {"tokens", options->tokens, "context", model->vocab,
                     model->context};
  return parseList(options, &kind, list);
}

int parseSources(const options *options, const tc_model *model,
                 sequence_list *list) {
  if (model->source_input != TC_INPUT_TOKENS)
    return readSources(options, model, list);
  const kind kind = {"source", options->source, "longest source",
                     model->source_vocab, model->source_context};
  return parseList(options, &kind, list);
}

size_t beginOf(const sequence_list *list, size_t sequence) {
  return sequence ? list->ends[sequence - 1] : 0;
}
