/* Records what kernels report, and each thread's share of their loops. */
#include "runtime/program/profile.h"
#include "runtime/program/commands.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* ---- Work of a kernel ---------------------------------------------------- */

typedef struct work {
  double flops, bytes;
} work;

static size_t rowsOf(const tc_kernel *kernel, const tc_step *step) {
  return kernel->count == TC_COUNT_OUTPUTS     ? step->output_count
         : kernel->count == TC_COUNT_SEQUENCES ? step->sequences
                                               : step->rows;
}

/* Keys that a row at `position` of a sequence of `held` rows sees. */
static size_t keysSeen(const tc_kernel *kernel, size_t position, size_t held) {
  size_t keys = kernel->causal ? position + 1 : held;
  return kernel->window && keys > kernel->window ? (size_t)kernel->window
                                                 : keys;
}

/* A key is read once, however many rows of its sequence see it: the others find
 * it in a cache. */
static void addAttention(const tc_kernel *kernel, const tc_step *step,
                         work *work) {
  for (size_t i = 0; i < step->sequences; ++i) {
    const int32_t *positions = step->positions + step->starts[i];
    size_t rows = (size_t)(step->starts[i + 1] - step->starts[i]);
    size_t held =
        (size_t)(kernel->source ? step->sources[i] : positions[rows - 1] + 1);
    size_t pairs = 0;
    for (size_t row = 0; row < rows; ++row)
      pairs += keysSeen(kernel, (size_t)positions[row], held);
    size_t first = (size_t)positions[0];
    size_t hidden =
        kernel->causal ? first + 1 - keysSeen(kernel, first, held) : 0;
    work->flops += (double)pairs * (double)kernel->pair_flops;
    work->bytes += (double)(held - hidden) * (double)kernel->key_bytes;
  }
}

static work workOf(const tc_kernel *kernel, const tc_step *step) {
  double rows = (double)rowsOf(kernel, step);
  work work = {rows * (double)kernel->row_flops,
               rows * (double)kernel->row_bytes};
  if (rows > 0)
    work.bytes += (double)kernel->weight_bytes;
  if (kernel->pair_flops)
    addAttention(kernel, step, &work);
  return work;
}

/* ---- Recording ----------------------------------------------------------- */

/* Events that find no memory are left out. */
static void record(lane *lane, double begin, double end, uint32_t kernel) {
  if (lane->count == lane->capacity) {
    size_t capacity = lane->capacity ? 2 * lane->capacity : 1024;
    event *events = realloc(lane->events, capacity * sizeof *events);
    if (!events)
      return;
    lane->events = events;
    lane->capacity = capacity;
  }
  lane->events[lane->count++] = (event){begin, end, kernel};
}

static void report(const tc_step *step, uint32_t kernel, uint32_t end) {
  profile *profile = step->report_state;
  if (!profile->now)
    return;
  if (!end) {
    profile->kernel = kernel;
    profile->begun = now() - profile->origin;
    return;
  }
  double time = now() - profile->origin;
  kernel_sum *sum = &profile->now->sums[kernel];
  work work = workOf(&profile->model->kernels[kernel], step);
  sum->calls += 1;
  sum->seconds += time - profile->begun;
  sum->flops += work.flops;
  sum->bytes += work.bytes;
  record(&profile->kernels, profile->begun, time, kernel);
}

typedef struct loop {
  profile *profile;
  void (*body)(void *state, size_t begin, size_t end);
  void *state;
} loop;

/* The number of this thread, in order of first use. */
static int threadNumber(void) {
  static atomic_int threads;
  static _Thread_local int number; /* + 1 */
  if (!number)
    number = atomic_fetch_add(&threads, 1) + 1;
  return number - 1;
}

static void runRange(void *state, size_t begin, size_t end) {
  loop *loop = state;
  profile *profile = loop->profile;
  double start = now() - profile->origin;
  loop->body(loop->state, begin, end);
  int thread = threadNumber();
  if (profile->now && thread < profile->threads)
    record(&profile->ranges[thread], start, now() - profile->origin,
           profile->kernel);
}

static void runLoop(void *state, size_t n,
                    void (*body)(void *state, size_t begin, size_t end),
                    void *bodyState) {
  profile *profile = state;
  loop loop = {profile, body, bodyState};
  tc_pool_run(profile->pool, n, runRange, &loop);
}

void beginPhase(profile *profile, int number, const char *name) {
  if (!profile)
    return;
  profile->now = &profile->phases[number];
  profile->now->name = name;
  profile->start = now();
}

void endPhase(profile *profile, size_t repeats) {
  if (!profile || !profile->now)
    return;
  profile->now->seconds += now() - profile->start;
  profile->now->repeats += repeats;
  profile->now = NULL;
}

/* ---- Making -------------------------------------------------------------- */

int createProfile(const options *options, const tc_model *model,
                  tc_engine_options *engine, profile **out) {
  if (!model->kernels)
    return fail(options,
                "'%s' was compiled without a profile; compile it again with "
                "--profile",
                model->name);
  profile *profile = calloc(1, sizeof *profile);
  *out = profile;
  if (!profile)
    return fail(options, "out of memory for a profile");
  profile->model = model;
  profile->threads = engine->threads;
  profile->origin = now();
  tc_status status =
      tc_pool_create(engine->threads, engine->pinning, &profile->pool);
  profile->ranges = calloc((size_t)engine->threads, sizeof *profile->ranges);
  int missing = !profile->ranges;
  for (int i = 0; i < MOST_PHASES; ++i) {
    profile->phases[i].sums =
        calloc(model->kernel_count, sizeof *profile->phases[i].sums);
    missing |= !profile->phases[i].sums;
  }
  if (status || missing)
    return fail(options, "%s", tc_status_text(status ? status : TC_NO_MEMORY));
  /* Now, not after the measurement. */
  if (options->trace && !(profile->trace = fopen(options->trace, "w")))
    return fail(options, "%s: %s", options->trace, strerror(errno));
  threadNumber(); /* the calling thread is the first */
  engine->parallel_for = runLoop;
  engine->pool = profile;
  engine->report = report;
  engine->report_state = profile;
  return 0;
}

void destroyProfile(profile *profile) {
  if (!profile)
    return;
  tc_pool_destroy(profile->pool);
  for (int i = 0; i < MOST_PHASES; ++i)
    free(profile->phases[i].sums);
  for (int i = 0; profile->ranges && i < profile->threads; ++i)
    free(profile->ranges[i].events);
  free(profile->ranges);
  free(profile->kernels.events);
  if (profile->trace)
    fclose(profile->trace);
  free(profile);
}
