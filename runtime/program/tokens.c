/* Token ids on the command line. */
#include "runtime/program/commands.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int allocate(const char *text, token_list *list) {
  size_t tokens = 1, sequences = 1;
  for (const char *at = text; *at; ++at) {
    tokens += *at == ',' || *at == ';';
    sequences += *at == ';';
  }
  list->tokens = malloc(tokens * sizeof *list->tokens);
  list->ends = malloc(sequences * sizeof *list->ends);
  return list->tokens && list->ends;
}

static int parse(const options *options, const tc_model *model,
                 token_list *list) {
  const char *at = options->tokens;
  for (size_t count = 0, begin = 0;;) {
    char *end;
    errno = 0;
    long id = strtol(at, &end, 10);
    if (end == at || (*end && *end != ',' && *end != ';'))
      return wrongUse(options,
                      "'--tokens' takes ids such as 1,2,3, not '%.20s'", at);
    if (errno || id < 0 || (uint64_t)id >= model->vocab)
      return fail(options, "token id %.*s is outside the vocabulary, 0 to %u",
                  (int)(end - at), at, model->vocab - 1);
    list->tokens[count++] = (int32_t)id;
    if (count - begin > model->context)
      return fail(options, "more tokens than the model's context of %u",
                  model->context);
    if (*end != ',') {
      begin = list->ends[list->sequences++] = count;
      if (!*end)
        return 0;
    }
    at = end + 1;
  }
}

int parseTokens(const options *options, const tc_model *model,
                token_list *list) {
  memset(list, 0, sizeof *list);
  if (!allocate(options->tokens, list)) {
    freeTokens(list);
    return fail(options, "out of memory");
  }
  int status = parse(options, model, list);
  if (status)
    freeTokens(list);
  return status;
}

void freeTokens(token_list *list) {
  free(list->tokens);
  free(list->ends);
  memset(list, 0, sizeof *list);
}
