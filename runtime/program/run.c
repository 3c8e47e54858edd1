/* From an array of inputs to an array of outputs. */
#include "runtime/program/commands.h"
#include "runtime/program/npy.h"
#include "runtime/program/output.h"

#include <stdlib.h>
#include <string.h>

static void inputShape(const tc_model *model, size_t *shape) {
  for (uint32_t i = 0; i < model->input_dims; ++i)
    shape[i] = (size_t)model->input_shape[i];
}

/* Number of inputs in the array; 0 if its shape is wrong. A single input may
 * come without the first dimension. */
static size_t countInputs(const tc_model *model, const array *input) {
  size_t shape[4];
  inputShape(model, shape);
  size_t extra = input->dimensions - model->input_dims;
  if (input->dimensions < model->input_dims || extra > 1 ||
      memcmp(input->shape + extra, shape, model->input_dims * sizeof *shape) !=
          0)
    return 0;
  return extra ? input->shape[0] : 1;
}

static int writeOutput(const options *options, const tc_model *model,
                       const array *input, size_t count, const float *values) {
  size_t shape[3], dimensions = 0, rows = tc_output_rows(model);
  if (input->dimensions > model->input_dims)
    shape[dimensions++] = count;
  if (!model->pooled)
    shape[dimensions++] = rows;
  shape[dimensions++] = model->output_dim;
  output output;
  tc_error error;
  if (!openOutput(&output, options->output, &error))
    return fail(options, "%s", error.text);
  if (writeArrayHeader(output.file, shape, dimensions))
    fwrite(values, sizeof *values, count * rows * model->output_dim,
           output.file); /* the file remembers an error */
  if (!commitOutput(&output, &error))
    return fail(options, "%s", error.text);
  return 0;
}

/* As many sequences as inputs, with types if they are said. */
static int readTypes(const options *options, const tc_model *model,
                     size_t count, sequence_list *inputs) {
  memset(inputs, 0, sizeof *inputs);
  inputs->sequences = count;
  inputs->ends = malloc(count * sizeof *inputs->ends);
  for (size_t i = 0; inputs->ends && i < count; ++i)
    inputs->ends[i] = (i + 1) * model->typed_rows;
  return inputs->ends ? parseTypes(options, model, inputs)
                      : fail(options, "out of memory");
}

static int compute(const options *options, const tc_model *model,
                   const array *input, const sequence_list *inputs) {
  opened opened;
  int status = openModel(options, model, &opened);
  if (status)
    return status;
  size_t count = inputs->sequences;
  float *values =
      calloc(count, tc_output_rows(model) * model->output_dim * sizeof *values);
  tc_status ran = values ? tc_engine_run_types(opened.engine, input->values,
                                               inputs->types, count, values)
                         : TC_NO_MEMORY;
  if (ran)
    status = fail(options, "%s", tc_status_text(ran));
  else
    status = writeOutput(options, model, input, count, values);
  free(values);
  closeModel(&opened);
  return status;
}

static int runArray(const options *options, const tc_model *model,
                    const array *input) {
  size_t count = countInputs(model, input);
  if (count == 0) {
    size_t shape[4];
    char wanted[96], found[192];
    inputShape(model, shape);
    return fail(
        options, "%s: has shape %s, '%s' takes %s or Nx%s", options->input,
        shapeText(input->shape, input->dimensions, found, sizeof found),
        model->name, shapeText(shape, model->input_dims, wanted, sizeof wanted),
        wanted);
  }
  sequence_list inputs;
  int status = readTypes(options, model, count, &inputs);
  if (!status)
    status = compute(options, model, input, &inputs);
  freeSequences(&inputs);
  return status;
}

int run(const options *options, const tc_model *model) {
  if (!options->input || !options->output)
    return wrongUse(options, "'run' needs --input and -o");
  array input;
  tc_error error;
  if (!readArray(options->input, &input, &error))
    return fail(options, "%s", error.text);
  int status = model->input == TC_INPUT_ROWS ? runRows(options, model, &input)
                                             : runArray(options, model, &input);
  free(input.values);
  return status;
}
