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

/* What numbers are called, and what they are in or outside of. */
typedef struct words {
  const char *one, *several, *range;
} words;
static const words tokenWords = {"token id", "tokens", "vocabulary"};
static const words typeWords = {"type", "types", "model's"};

/* What an option takes: numbers below `range`, at most so many a sequence. */
typedef struct kind {
  const char *option, *text;
  const words *words;
  const char *whole;
  uint32_t range, most;
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
    if (errno || id < 0 || (uint64_t)id >= kind->range)
      return fail(options, "%s %.*s is outside the %s, 0 to %u",
                  kind->words->one, (int)(end - at), at, kind->words->range,
                  kind->range - 1);
    list->tokens[count++] = (int32_t)id;
    if (count - begin > kind->most)
      return fail(options, "more %s than the model's %s of %u",
                  kind->words->several, kind->whole, kind->most);
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
  const kind kind = {"tokens",  options->tokens, &tokenWords,
                     "context", model->vocab,    model->context};
  return parseList(options, &kind, list);
}

int parseSources(const options *options, const tc_model *model,
                 sequence_list *list) {
  if (model->source_input != TC_INPUT_TOKENS)
    return readSources(options, model, list);
  const kind kind = {
      "source",         options->source,     &tokenWords,
      "longest source", model->source_vocab, model->source_context};
  return parseList(options, &kind, list);
}

static int haveSameLengths(const sequence_list *a, const sequence_list *b) {
  return a->sequences == b->sequences &&
         memcmp(a->ends, b->ends, a->sequences * sizeof *a->ends) == 0;
}

int parseTypes(const options *options, const tc_model *model,
               sequence_list *list) {
  if (!options->types)
    return 0;
  const kind kind = {"types",   options->types, &typeWords,
                     "context", model->types,   model->context};
  sequence_list types;
  int status = parseList(options, &kind, &types);
  if (status)
    return status;
  if (!haveSameLengths(&types, list))
    status = fail(options, "--types gives other numbers of types than there "
                           "are rows");
  else {
    list->types = types.tokens;
    types.tokens = NULL;
  }
  freeSequences(&types);
  return status;
}

size_t beginOf(const sequence_list *list, size_t sequence) {
  return sequence ? list->ends[sequence - 1] : 0;
}
