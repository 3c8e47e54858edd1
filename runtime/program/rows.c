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

int runRows(const options *options, const tc_model *model, array *input) {
  sequence_list list = {0};
  int status = readSequences(options, model, input, &list);
  if (!status)
    status = writeOutputs(options, model, &list, NULL, input->shape,
                          input->dimensions - 1);
  freeSequences(&list);
  return status;
}
