/* An array of rows of reals as sequences: one, several as long as each other,
 * or one after the other by their lengths. */
#include "runtime/program/commands.h"
#include "runtime/program/npy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One sequence, or several along the first dimension. */
static int cutEvenly(const array *input, sequence_list *list) {
  size_t length = input->shape[input->dimensions - 2];
  list->sequences = input->dimensions == 3 ? input->shape[0] : 1;
  list->ends = malloc((list->sequences + 1) * sizeof *list->ends);
  for (size_t i = 0; list->ends && i < list->sequences; ++i)
    list->ends[i] = (i + 1) * length;
  return list->ends != NULL;
}

/* By the words of --lengths, which must add up to all rows; 0, or 1 or 2 after
 * a message. */
static int cutByLengths(const options *options, const array *input,
                        sequence_list *list) {
  const char *at = options->lengths;
  size_t most = 1, end = 0;
  for (const char *c = at; *c; ++c)
    most += *c == ',';
  list->ends = malloc(most * sizeof *list->ends);
  if (!list->ends)
    return fail(options, "out of memory");
  for (;; ++at) {
    char *rest;
    errno = 0;
    long length = strtol(at, &rest, 10);
    if (rest == at || (*rest && *rest != ',') || length <= 0 || errno)
      return wrongUse(options,
                      "'--lengths' takes numbers of rows such as 3,5, not "
                      "'%.20s'",
                      at);
    if ((size_t)length > input->shape[0] - end)
      break;
    list->ends[list->sequences++] = end += (size_t)length;
    at = rest;
    if (!*at)
      break;
  }
  if (*at || end != input->shape[0])
    return fail(options, "%s: has %zu rows, --lengths says another number",
                options->input, input->shape[0]);
  return 0;
}

static int refuseShape(const options *options, const tc_model *model,
                       const array *input) {
  char found[192];
  unsigned width = (unsigned)model->input_shape[0];
  shapeText(input->shape, input->dimensions, found, sizeof found);
  if (options->lengths)
    return fail(options, "%s: has shape %s, '%s' takes Rx%u with --lengths",
                options->input, found, model->name, width);
  return fail(options, "%s: has shape %s, '%s' takes Rx%u or NxRx%u",
              options->input, found, model->name, width, width);
}

static int readSequences(const options *options, const tc_model *model,
                         array *input, sequence_list *list) {
  size_t dimensions = input->dimensions;
  if (input->size == 0 || dimensions < 2 ||
      dimensions > (options->lengths ? 2 : 3) ||
      input->shape[dimensions - 1] != model->input_shape[0])
    return refuseShape(options, model, input);
  list->rows = input->values;
  input->values = NULL;
  if (options->lengths)
    return cutByLengths(options, input, list);
  return cutEvenly(input, list) ? 0 : fail(options, "out of memory");
}

static int refuseSource(const options *options, const tc_model *model,
                        const array *input) {
  size_t shape[4];
  char wanted[96], found[192];
  for (uint32_t i = 0; i < model->source_dims; ++i)
    shape[i] = (size_t)model->source_shape[i];
  shapeText(shape, model->source_dims, wanted, sizeof wanted);
  shapeText(input->shape, input->dimensions, found, sizeof found);
  const char *rows = model->source_input == TC_INPUT_ROWS ? "Rx" : "";
  return fail(options, "%s: has shape %s, '%s' takes %s%s or Nx%s%s",
              options->source, found, model->name, rows, wanted, rows, wanted);
}

/* One source, or several along the first dimension. */
static int cutSources(const options *options, const tc_model *model,
                      array *input, sequence_list *list) {
  size_t rows = model->source_input == TC_INPUT_ROWS;
  size_t own = model->source_dims + rows;
  size_t extra = input->dimensions - own, good = input->size > 0;
  good = good && input->dimensions >= own && extra <= 1;
  for (uint32_t i = 0; good && i < model->source_dims; ++i)
    good = input->shape[extra + rows + i] == model->source_shape[i];
  if (!good)
    return refuseSource(options, model, input);
  size_t length = rows ? input->shape[extra] : 1;
  if (length > model->source_context)
    return fail(options, "%s: has %zu rows, more than the longest source of %u",
                options->source, length, model->source_context);
  list->sequences = extra ? input->shape[0] : 1;
  list->ends = malloc(list->sequences * sizeof *list->ends);
  if (!list->ends)
    return fail(options, "out of memory");
  for (size_t i = 0; i < list->sequences; ++i)
    list->ends[i] = (i + 1) * length;
  list->rows = input->values;
  input->values = NULL;
  return 0;
}

int readSources(const options *options, const tc_model *model,
                sequence_list *list) {
  array input;
  tc_error error;
  memset(list, 0, sizeof *list);
  if (!readArray(options->source, &input, &error))
    return fail(options, "%s", error.text);
  int status = cutSources(options, model, &input, list);
  free(input.values);
  if (status)
    freeSequences(list);
  return status;
}

int runRows(const options *options, const tc_model *model, array *input) {
  sequence_list list = {0};
  int status = readSequences(options, model, input, &list);
  if (!status)
    status = parseTypes(options, model, &list);
  if (!status)
    status = writeOutputs(options, model, &list, NULL, input->shape,
                          input->dimensions - 1);
  freeSequences(&list);
  return status;
}
