/* What --tap asks for, and the shape of it. */
#include "runtime/program/commands.h"

#include <string.h>

/* Whether the command runs what hands it out; says so if not. */
static int isWritten(const options *options, const tc_model *model,
                     uint32_t tap) {
  int ofSource = tap >= model->tap_count - model->source_taps;
  int encodes = options->command == COMMAND_ENCODE;
  if (ofSource == encodes || model->queries)
    return 1;
  wrongUse(options, "'%s' is of the %s: '%s' writes it", model->taps[tap].name,
           ofSource ? "encoder" : "decoder", ofSource ? "encode" : "logits");
  return 0;
}

const char *findTap(const options *options, const tc_model *model,
                    uint32_t *tap) {
  const char *equals = strchr(options->tap, '=');
  if (!equals || !equals[1]) {
    wrongUse(options, "'--tap' takes NAME=FILE.npy, not '%s'", options->tap);
    return NULL;
  }
  if (strcmp(equals + 1, options->output) == 0) {
    wrongUse(options, "'--tap' and '-o' both write '%s'", options->output);
    return NULL;
  }
  size_t length = (size_t)(equals - options->tap);
  for (*tap = 0; *tap < model->tap_count; ++*tap)
    if (strlen(model->taps[*tap].name) == length &&
        memcmp(model->taps[*tap].name, options->tap, length) == 0)
      return isWritten(options, model, *tap) ? equals + 1 : NULL;
  wrongUse(options, "'%s' has no tap '%.*s'; 'info' names them", model->name,
           (int)length, options->tap);
  return NULL;
}

size_t tapShape(const tc_tap *tap, size_t *shape) {
  size_t dimensions = 0;
  if (tap->rounds > 1)
    shape[dimensions++] = tap->rounds;
  if (tap->heads)
    shape[dimensions++] = tap->heads;
  shape[dimensions++] = tap->columns;
  return dimensions;
}
