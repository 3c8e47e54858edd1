/* Straightforward loops, and checks of everything that tc_step promises. */
#include "FakeModel.h"

#include <stdatomic.h>
#include <string.h>

static atomic_int violations, steps;

int fake_violations(void) { return violations; }
int fake_steps(void) { return steps; }

static void require(int holds) { violations += !holds; }

static int aligned(const void *pointer) {
  return pointer && (uintptr_t)pointer % TC_ALIGN == 0;
}

static size_t sequenceOf(const tc_step *step, int32_t row) {
  size_t sequence = 0;
  while (step->starts[sequence + 1] <= row)
    ++sequence;
  return sequence;
}

static void checkSequence(const tc_step *step, size_t sequence) {
  int32_t begin = step->starts[sequence], end = step->starts[sequence + 1];
  require(begin < end);
  for (int32_t row = begin; row < end; ++row) {
    require(step->caches[row] == step->caches[begin]);
    require(step->positions[row] == step->positions[begin] + row - begin);
    require(step->limits[row] > step->positions[row]);
    require(row == begin || step->limits[row] >= step->limits[row - 1]);
  }
}

static void checkTiles(const tc_step *step, const tc_model *model) {
  int32_t next = 0;
  for (size_t i = 0; i < step->tile_count; ++i) {
    const int32_t *tile = step->tiles + 4 * i;
    int32_t first = tile[0], rows = tile[1], sequence = tile[3];
    require(first == next && rows >= 1 && rows <= (int32_t)model->tile_rows);
    require(sequence >= 0 && sequence < (int32_t)step->sequences);
    int32_t end = step->starts[sequence + 1];
    require(first >= step->starts[sequence] && first + rows <= end);
    require(tile[2] == step->positions[end - 1] + 1);
    next = first + rows;
  }
  require(next == (int32_t)step->rows);
}

static void checkStep(const tc_step *step, const tc_model *model) {
  steps += 1;
  require(aligned(step->weights) && aligned(step->scratch));
  require(step->rows >= 1 && step->rows <= model->max_rows);
  require(step->output_count <= model->max_outputs);
  require(step->output != NULL);
  require(step->starts[0] == 0);
  require(step->starts[step->sequences] == (int32_t)step->rows);
  for (size_t i = 0; i < step->sequences; ++i)
    checkSequence(step, i);
  for (size_t i = 0; i < step->rows; ++i) {
    require(aligned(step->caches[i]));
    require(step->positions[i] >= 0 &&
            step->positions[i] < (int32_t)model->context);
  }
  for (size_t i = 0; i < step->output_count && !model->pooled; ++i) {
    require(step->outputs[i] >= 0 && step->outputs[i] < (int32_t)step->rows);
    require(i == 0 || step->outputs[i] > step->outputs[i - 1]);
  }
  checkTiles(step, model);
  memset(step->scratch, 0xff, (size_t)model->scratch_bytes);
}

static void parallel(const tc_step *step, size_t n,
                     void (*body)(void *, size_t, size_t)) {
  if (step->parallel_for)
    step->parallel_for(step->pool, n, body, (void *)step);
  else
    body((void *)step, 0, n);
}

static void report(const tc_step *step, uint32_t kernel, uint32_t end) {
  if (step->report)
    step->report(step, kernel, end);
}

/* ---- Language model ------------------------------------------------------ */

/* The cache holds the token of each position. */
static void remember(void *state, size_t begin, size_t end) {
  const tc_step *step = state;
  for (size_t row = begin; row < end; ++row)
    ((int32_t *)step->caches[row])[step->positions[row]] = step->tokens[row];
}

static void predictRows(const tc_step *step, size_t begin, size_t end,
                        int vocab) {
  const float *weights = step->weights;
  for (size_t i = begin; i < end; ++i) {
    int32_t row = step->outputs[i], position = step->positions[row];
    const int32_t *tokens = step->caches[row];
    for (int j = 0; j < vocab; ++j) {
      float sum = (float)position;
      for (int32_t q = 0; q <= position; ++q)
        sum += weights[(tokens[q] + j) % FAKE_WEIGHTS];
      step->output[i * (size_t)vocab + (size_t)j] = sum;
    }
  }
}

static void predict(void *state, size_t begin, size_t end) {
  predictRows(state, begin, end, FAKE_VOCAB);
}

static void predictText(void *state, size_t begin, size_t end) {
  predictRows(state, begin, end, FAKE_TEXT_VOCAB);
}

static void languageStep(const tc_step *step) {
  checkStep(step, &fake_language_model);
  require(step->tokens && !step->input);
  report(step, 0, 0);
  parallel(step, step->rows, remember);
  report(step, 0, 1);
  report(step, 1, 0);
  parallel(step, step->output_count, predict);
  report(step, 1, 1);
}

static void textStep(const tc_step *step) {
  checkStep(step, &fake_text_model);
  parallel(step, step->rows, remember);
  parallel(step, step->output_count, predictText);
}

static const tc_kernel languageKernels[] = {
    {.name = "remember",
     .kind = "attention",
     .shape = "one",
     .schedule = "",
     .pair_flops = 3,
     .key_bytes = 5,
     .causal = 1},
    {.name = "predict",
     .kind = "matmul",
     .shape = "all",
     .schedule = "1 x 1 x 1",
     .weight_bytes = 100,
     .row_flops = 7,
     .row_bytes = 11,
     .count = TC_COUNT_OUTPUTS},
};

#define LANGUAGE_MODEL(VOCAB, NAME, STEP, ...)                                 \
  {                                                                            \
      .abi_version = TC_ABI_VERSION,                                           \
      .layout_hash = 0x1234,                                                   \
      .weights_bytes = FAKE_WEIGHTS * sizeof(float),                           \
      .cache_bytes = FAKE_CONTEXT * sizeof(int32_t),                           \
      .scratch_bytes = 1000,                                                   \
      .input = TC_INPUT_TOKENS,                                                \
      .causal = 1,                                                             \
      .vocab = VOCAB,                                                          \
      .context = FAKE_CONTEXT,                                                 \
      .max_rows = FAKE_MAX_ROWS,                                               \
      .max_outputs = FAKE_MAX_OUTPUTS,                                         \
      .tile_rows = FAKE_TILE_ROWS,                                             \
      .output_dim = VOCAB,                                                     \
      .parameters = FAKE_WEIGHTS,                                              \
      .name = NAME,                                                            \
      .target = "C",                                                           \
      .weights_formats = "int8, f32",                                          \
      .compute_format = "f32",                                                 \
      .cache_format = "bf16",                                                  \
      .step = STEP,                                                            \
      __VA_ARGS__,                                                             \
  }

const tc_model fake_language_model =
    LANGUAGE_MODEL(FAKE_VOCAB, "fake_language", languageStep, .kernel_count = 2,
                   .kernels = languageKernels);
const tc_model fake_text_model =
    LANGUAGE_MODEL(FAKE_TEXT_VOCAB, "fake_text", textStep, .kernels = NULL);

/* ---- Image model --------------------------------------------------------- */

enum { IMAGE = 2 * 3 * 3, CLASSES = 5 };

static void classify(void *state, size_t begin, size_t end) {
  const tc_step *step = state;
  for (size_t i = begin; i < end; ++i) {
    float sum = 0;
    for (size_t j = 0; j < IMAGE; ++j)
      sum += step->input[i * IMAGE + j];
    for (size_t j = 0; j < CLASSES; ++j)
      step->output[i * CLASSES + j] =
          sum / IMAGE + ((const float *)step->weights)[j];
    float *channels = step->taps[step->starts[i]];
    for (size_t j = 0; channels && j < IMAGE; ++j)
      channels[j / 9] =
          (j % 9 ? channels[j / 9] : 0) + step->input[i * IMAGE + j];
  }
}

static void imageStep(const tc_step *step) {
  checkStep(step, &fake_image_model);
  require(!step->tokens && step->input);
  require(step->rows == step->sequences * fake_image_model.rows_per_input);
  require(step->output_count == step->sequences);
  parallel(step, step->sequences, classify);
}

static const tc_tap imageTaps[] = {
    {.name = "channels", .rounds = 1, .columns = 1, .made = 2}};

const tc_model fake_image_model = {
    .abi_version = TC_ABI_VERSION,
    .layout_hash = 0x1234,
    .weights_bytes = FAKE_WEIGHTS * sizeof(float),
    .cache_bytes = 100,
    .scratch_bytes = 1000,
    .input = TC_INPUT_REALS,
    .pooled = 1,
    .context = 10,
    .max_rows = 25,
    .max_outputs = 25,
    .tile_rows = FAKE_TILE_ROWS,
    .output_dim = CLASSES,
    .input_dims = 3,
    .input_shape = {2, 3, 3},
    .rows_per_input = 10,
    .parameters = FAKE_WEIGHTS,
    .name = "fake_image",
    .target = "C",
    .weights_formats = "int8, f32",
    .compute_format = "f32",
    .cache_format = "bf16",
    .step = imageStep,
    .taps = imageTaps,
    .tap_count = 1,
};

/* ---- Encoder ------------------------------------------------------------- */

static void encode(void *state, size_t begin, size_t end) {
  const tc_step *step = state;
  const float *weights = step->weights;
  for (size_t i = begin; i < end; ++i) {
    int32_t row = step->outputs[i];
    size_t sequence = sequenceOf(step, row);
    float sum = 0;
    for (int32_t q = step->starts[sequence]; q < step->starts[sequence + 1];
         ++q)
      sum += weights[step->tokens[q]];
    step->output[3 * i] = weights[step->tokens[row]];
    step->output[3 * i + 1] = sum;
    step->output[3 * i + 2] = (float)step->positions[row];
  }
}

static void encoderStep(const tc_step *step) {
  checkStep(step, &fake_encoder_model);
  for (size_t i = 0; i < step->sequences; ++i)
    require(step->positions[step->starts[i]] == 0);
  parallel(step, step->output_count, encode);
}

const tc_model fake_encoder_model = {
    .abi_version = TC_ABI_VERSION,
    .layout_hash = 0x1234,
    .weights_bytes = FAKE_WEIGHTS * sizeof(float),
    .cache_bytes = 64,
    .scratch_bytes = 1000,
    .input = TC_INPUT_TOKENS,
    .vocab = FAKE_VOCAB,
    .context = 12,
    .max_rows = FAKE_MAX_ROWS,
    .max_outputs = FAKE_MAX_ROWS,
    .tile_rows = FAKE_TILE_ROWS,
    .output_dim = 3,
    .parameters = FAKE_WEIGHTS,
    .name = "fake_encoder",
    .target = "C",
    .weights_formats = "int8, f32",
    .compute_format = "f32",
    .cache_format = "bf16",
    .step = encoderStep,
};

/* ---- Encoder-decoder ----------------------------------------------------- */

/* The cache holds the tokens of the source behind those of the session. */
static void rememberSource(void *state, size_t begin, size_t end) {
  const tc_step *step = state;
  for (size_t row = begin; row < end; ++row)
    ((int32_t *)step->caches[row])[FAKE_CONTEXT + step->positions[row]] =
        step->tokens[row];
}

static void encodeSource(const tc_step *step) {
  tc_model limits = fake_translator_model;
  limits.max_rows = limits.max_outputs = limits.source_max_rows;
  limits.context = limits.source_context;
  checkStep(step, &limits);
  for (size_t i = 0; i < step->sequences; ++i)
    require(step->positions[step->starts[i]] == 0);
  parallel(step, step->rows, rememberSource);
  const float *weights = step->weights;
  for (size_t i = 0; i < step->output_count; ++i) {
    int32_t row = step->outputs[i];
    step->output[2 * i] = weights[step->tokens[row]];
    step->output[2 * i + 1] = (float)step->positions[row];
  }
}

static void translateRows(void *state, size_t begin, size_t end) {
  const tc_step *step = state;
  const float *weights = step->weights;
  predictRows(step, begin, end, FAKE_VOCAB);
  for (size_t i = begin; i < end; ++i) {
    int32_t row = step->outputs[i];
    const int32_t *source = (const int32_t *)step->caches[row] + FAKE_CONTEXT;
    size_t sequence = sequenceOf(step, row);
    require(step->sources[sequence] >= 1 &&
            step->sources[sequence] <= FAKE_SOURCE_CONTEXT);
    for (int32_t s = 0; s < step->sources[sequence]; ++s)
      for (int j = 0; j < FAKE_VOCAB; ++j)
        step->output[i * FAKE_VOCAB + (size_t)j] +=
            weights[(source[s] + 2 * j) % FAKE_WEIGHTS];
  }
}

static void translateStep(const tc_step *step) {
  checkStep(step, &fake_translator_model);
  parallel(step, step->rows, remember);
  parallel(step, step->output_count, translateRows);
}

#define TRANSLATOR_MODEL(NAME, STEP, ...)                                      \
  {                                                                            \
      .abi_version = TC_ABI_VERSION,                                           \
      .layout_hash = 0x1234,                                                   \
      .weights_bytes = FAKE_WEIGHTS * sizeof(float),                           \
      .cache_bytes = (FAKE_CONTEXT + FAKE_SOURCE_CONTEXT) * sizeof(int32_t),   \
      .scratch_bytes = 1000,                                                   \
      .input = TC_INPUT_TOKENS,                                                \
      .causal = 1,                                                             \
      .vocab = FAKE_VOCAB,                                                     \
      .context = FAKE_CONTEXT,                                                 \
      .max_rows = FAKE_MAX_ROWS,                                               \
      .max_outputs = FAKE_MAX_OUTPUTS,                                         \
      .tile_rows = FAKE_TILE_ROWS,                                             \
      .output_dim = FAKE_VOCAB,                                                \
      .parameters = FAKE_WEIGHTS,                                              \
      .name = NAME,                                                            \
      .target = "C",                                                           \
      .step = STEP,                                                            \
      .source_context = FAKE_SOURCE_CONTEXT,                                   \
      .source_max_rows = 20,                                                   \
      .source_dim = 2,                                                         \
      .start_token = 3,                                                        \
      .end_token = -1,                                                         \
      __VA_ARGS__,                                                             \
  }

const tc_model fake_translator_model =
    TRANSLATOR_MODEL("fake_translator", translateStep, .encode = encodeSource,
                     .source_vocab = FAKE_SOURCE_VOCAB);

/* ---- Rows of reals ------------------------------------------------------- */

/* The cache holds the sum of each row and 1,000 for each type that its own is
 * above 0; the tap has it and twice of it. */
static void rememberSum(void *state, size_t begin, size_t end) {
  const tc_step *step = state;
  for (size_t row = begin; row < end; ++row) {
    float sum = 1000 * (float)step->types[row];
    for (size_t j = 0; j < FAKE_ROW; ++j)
      sum += step->input[row * FAKE_ROW + j];
    ((float *)step->caches[row])[step->positions[row]] = sum;
    if (step->taps[row]) {
      step->taps[row][0] = sum;
      step->taps[row][1] = 2 * sum;
    }
  }
}

static void addSums(void *state, size_t begin, size_t end) {
  const tc_step *step = state;
  for (size_t i = begin; i < end; ++i) {
    int32_t row = step->outputs[i], position = step->positions[row];
    float sum = (float)position;
    for (int32_t q = 0; q <= position; ++q)
      sum += ((const float *)step->caches[row])[q];
    step->output[i] = sum;
  }
}

static void rowsStep(const tc_step *step) {
  checkStep(step, &fake_rows_model);
  require(!step->tokens && step->input);
  parallel(step, step->rows, rememberSum);
  parallel(step, step->output_count, addSums);
}

static const tc_tap rowsTaps[] = {
    {.name = "layers.sum", .rounds = 2, .columns = 1}};

const tc_model fake_rows_model = {
    .abi_version = TC_ABI_VERSION,
    .layout_hash = 0x1234,
    .weights_bytes = FAKE_WEIGHTS * sizeof(float),
    .cache_bytes = FAKE_CONTEXT * sizeof(float),
    .scratch_bytes = 1000,
    .input = TC_INPUT_ROWS,
    .causal = 1,
    .context = FAKE_CONTEXT,
    .max_rows = FAKE_MAX_ROWS,
    .max_outputs = FAKE_MAX_OUTPUTS,
    .tile_rows = FAKE_TILE_ROWS,
    .output_dim = 1,
    .input_dims = 1,
    .input_shape = {FAKE_ROW},
    .parameters = FAKE_WEIGHTS,
    .name = "fake_rows",
    .target = "C",
    .step = rowsStep,
    .weights_formats = "f32",
    .compute_format = "f32",
    .cache_format = "f32",
    .taps = rowsTaps,
    .tap_count = 1,
    .types = 3,
};

/* ---- A source of rows ---------------------------------------------------- */

/* The cache holds the sums of the source's rows behind the tokens. */
static void rememberRowOfSource(void *state, size_t begin, size_t end) {
  const tc_step *step = state;
  for (size_t row = begin; row < end; ++row) {
    float sum = 0;
    for (size_t j = 0; j < FAKE_ROW; ++j)
      sum += step->input[row * FAKE_ROW + j];
    ((float *)step->caches[row])[FAKE_CONTEXT + step->positions[row]] = sum;
    if (step->taps[row])
      *step->taps[row] = sum;
  }
}

static void readRows(const tc_step *step) {
  tc_model limits = fake_reader_model;
  limits.max_rows = limits.max_outputs = limits.source_max_rows;
  limits.context = limits.source_context;
  checkStep(step, &limits);
  require(!step->tokens && step->input);
  parallel(step, step->rows, rememberRowOfSource);
  for (size_t i = 0; i < step->output_count; ++i) {
    int32_t row = step->outputs[i], position = step->positions[row];
    step->output[2 * i] =
        ((const float *)step->caches[row])[FAKE_CONTEXT + position];
    step->output[2 * i + 1] = (float)position;
  }
}

static void addSource(void *state, size_t begin, size_t end) {
  const tc_step *step = state;
  predictRows(step, begin, end, FAKE_VOCAB);
  for (size_t i = begin; i < end; ++i) {
    int32_t row = step->outputs[i];
    const float *source = (const float *)step->caches[row] + FAKE_CONTEXT;
    size_t sequence = sequenceOf(step, row);
    for (int32_t s = 0; s < step->sources[sequence]; ++s)
      for (int j = 0; j < FAKE_VOCAB; ++j)
        step->output[i * FAKE_VOCAB + (size_t)j] += source[s];
  }
}

static void readerStep(const tc_step *step) {
  checkStep(step, &fake_reader_model);
  require(step->tokens && !step->input);
  parallel(step, step->rows, remember);
  parallel(step, step->output_count, addSource);
}

static const tc_tap readerTaps[] = {
    {.name = "encoder.sum", .rounds = 1, .columns = 1}};

const tc_model fake_reader_model = TRANSLATOR_MODEL(
    "fake_reader", readerStep, .encode = readRows, .taps = readerTaps,
    .tap_count = 1, .source_taps = 1, .source_input = TC_INPUT_ROWS,
    .source_dims = 1, .source_shape = {FAKE_ROW});

/* ---- Queries ------------------------------------------------------------- */

/* The cache holds the sum of the image. */
static void look(const tc_step *step) {
  tc_model limits = fake_detector_model;
  limits.max_rows = limits.max_outputs = limits.source_max_rows;
  checkStep(step, &limits);
  require(!step->tokens && step->input && !step->output_count);
  require(step->rows == step->sequences * FAKE_IMAGE_ROWS);
  for (size_t i = 0; i < step->sequences; ++i) {
    float sum = 0;
    for (size_t j = 0; j < FAKE_IMAGE; ++j)
      sum += step->input[i * FAKE_IMAGE + j];
    *(float *)step->caches[step->starts[i]] = sum;
    float *halves = step->taps[step->starts[i]];
    if (halves)
      halves[0] = halves[1] = sum / 2;
  }
}

static void detect(const tc_step *step) {
  checkStep(step, &fake_detector_model);
  require(!step->tokens && !step->input);
  require(step->rows == step->sequences * FAKE_QUERIES);
  for (size_t row = 0; row < step->rows; ++row)
    if (step->taps[row])
      *step->taps[row] =
          (float)step->positions[row] + *(const float *)step->caches[row];
  for (size_t i = 0; i < step->output_count; ++i) {
    int32_t row = step->outputs[i];
    step->output[2 * i] =
        *(const float *)step->caches[row] + (float)step->positions[row];
    step->output[2 * i + 1] = (float)step->sources[row / FAKE_QUERIES];
  }
}

static const tc_part detectorParts[] = {{"sum", 0, 1}, {"rows", 1, 1}};

static const tc_tap detectorTaps[] = {
    {.name = "decoder.sum", .rounds = 1, .columns = 1},
    {.name = "encoder.halves", .rounds = 1, .columns = 1, .made = 2}};

const tc_model fake_detector_model = {
    .abi_version = TC_ABI_VERSION,
    .layout_hash = 0x1234,
    .weights_bytes = FAKE_WEIGHTS * sizeof(float),
    .cache_bytes = 100,
    .scratch_bytes = 1000,
    .input = TC_INPUT_REALS,
    .context = FAKE_IMAGE_ROWS,
    .max_rows = 7,
    .max_outputs = 7,
    .tile_rows = FAKE_TILE_ROWS,
    .output_dim = 2,
    .input_dims = 3,
    .input_shape = {1, 2, 2},
    .rows_per_input = FAKE_IMAGE_ROWS,
    .parameters = FAKE_WEIGHTS,
    .name = "fake_detector",
    .target = "C",
    .step = detect,
    .weights_formats = "f32",
    .compute_format = "f32",
    .cache_format = "f32",
    .encode = look,
    .source_input = TC_INPUT_REALS,
    .source_dims = 3,
    .source_shape = {1, 2, 2},
    .source_context = FAKE_IMAGE_ROWS,
    .source_max_rows = 12,
    .source_dim = 1,
    .start_token = -1,
    .end_token = -1,
    .queries = FAKE_QUERIES,
    .part_count = 2,
    .parts = detectorParts,
    .taps = detectorTaps,
    .tap_count = 2,
    .source_taps = 1,
};
