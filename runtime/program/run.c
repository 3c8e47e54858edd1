/* From an array of inputs to an array of outputs. */
#include "runtime/program/commands.h"
#include "runtime/program/npy.h"

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

/* What comes out of all inputs: floats of a shape that ends with these
 * dimensions. */
typedef struct result {
  const char *path;
  size_t shape[NPY_DIMENSIONS], dimensions;
  size_t size; /* of one input */
  float *values;
} result;

static void addDimension(result *result, size_t size) {
  result->shape[result->dimensions++] = size;
  result->size *= size;
}

static result beginResult(const char *path, const tc_model *model,
                          const array *input, size_t count) {
  result result = {.path = path, .size = 1};
  if (input->dimensions > model->input_dims)
    result.shape[result.dimensions++] = count;
  return result;
}

static result outputOf(const options *options, const tc_model *model,
                       const array *input, size_t count) {
  result result = beginResult(options->output, model, input, count);
  if (!model->pooled)
    addDimension(&result, tc_output_rows(model));
  addDimension(&result, model->output_dim);
  return result;
}

static result tapOf(const char *path, const tc_model *model, uint32_t number,
                    const array *input, size_t count) {
  const tc_tap *tap = &model->taps[number];
  result result = beginResult(path, model, input, count);
  size_t shape[3], dimensions = tapShape(tap, shape);
  addDimension(&result, tc_tap_rows(model, tap, 1));
  for (size_t i = 0; i < dimensions; ++i)
    addDimension(&result, shape[i]);
  return result;
}

static int writeResult(const options *options, const result *result) {
  return writeArray(options, result->path, result->values, result->shape,
                    result->dimensions);
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

/* The output, and what a tap hands out if `tap` has a path. */
static tc_status computeBoth(tc_engine *engine, const array *input,
                             const sequence_list *inputs, result *output,
                             result *tap, uint32_t number) {
  const tc_model *model = tc_engine_model(engine);
  size_t count = inputs->sequences;
  float **taps = calloc(model->tap_count + 1, sizeof *taps);
  output->values = calloc(count, output->size * sizeof(float));
  if (tap->path)
    tap->values = calloc(count, tap->size * sizeof(float));
  tc_status status = TC_NO_MEMORY;
  if (taps && output->values && (!tap->path || tap->values)) {
    taps[number] = tap->values;
    status = tc_engine_run_taps(engine, input->values, inputs->types, count,
                                output->values, taps);
  }
  free(taps);
  return status;
}

static int compute(const options *options, const tc_model *model,
                   const array *input, const sequence_list *inputs) {
  opened opened;
  uint32_t number = 0;
  size_t count = inputs->sequences;
  result output = outputOf(options, model, input, count), tap = {0};
  if (options->tap) {
    const char *path = findTap(options, model, &number);
    if (!path)
      return 2;
    tap = tapOf(path, model, number, input, count);
  }
  int status = openModel(options, model, &opened);
  if (status)
    return status;
  tc_status ran =
      computeBoth(opened.engine, input, inputs, &output, &tap, number);
  if (ran)
    status = fail(options, "%s", tc_status_text(ran));
  else if (tap.path)
    status = writeResult(options, &tap);
  if (!status)
    status = writeResult(options, &output);
  free(output.values);
  free(tap.values);
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
