/* Profiles as tables: kernels by their share of the time, each beside what this
 * machine could do at best. */
#include "runtime/program/profile.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const arithmetics[] = {"multiply-adds", "bf16 pairs",
                                          "int8 dot products"};

/* A kernel of a phase. */
typedef struct line {
  const tc_kernel *kernel;
  const kernel_sum *sum;
} line;

static int compareLines(const void *a, const void *b) {
  const line *x = a, *y = b;
  double difference = y->sum->seconds - x->sum->seconds;
  if (difference != 0)
    return difference > 0 ? 1 : -1;
  return (x->kernel > y->kernel) - (x->kernel < y->kernel);
}

/* Kernels that ran, the slowest first; returns how many. */
static size_t sortKernels(const profile *profile, const phase *phase,
                          line *lines) {
  size_t count = 0;
  for (uint32_t i = 0; i < profile->model->kernel_count; ++i)
    if (phase->sums[i].calls)
      lines[count++] = (line){&profile->model->kernels[i], &phase->sums[i]};
  qsort(lines, count, sizeof *lines, compareLines);
  return count;
}

/* The least time that the work could take, as a part of the time it took. */
static double roofShare(const roof *roof, const line *line) {
  const kernel_sum *sum = line->sum;
  double compute = sum->flops / roof->flops[line->kernel->arithmetic];
  double read = sum->bytes / roof->bytes;
  return (compute > read ? compute : read) / sum->seconds;
}

/* What no kernel accounts for. */
static double otherSeconds(const phase *phase, const line *lines,
                           size_t count) {
  double seconds = phase->seconds;
  for (size_t i = 0; i < count; ++i)
    seconds -= lines[i].sum->seconds;
  return seconds > 0 ? seconds : 0;
}

/* ---- Text ---------------------------------------------------------------- */

static void printPhase(const profile *profile, const phase *phase,
                       const roof *roof, line *lines) {
  size_t count = sortKernels(profile, phase, lines);
  double repeats = (double)phase->repeats, share = 100 / phase->seconds;
  printf("\n%s: %.3f ms, by kernel\n"
         "%9s %6s %7s %9s %9s %9s %8s %6s  kernel\n",
         phase->name, 1e3 * phase->seconds / repeats, "ms", "%", "calls",
         "MFLOP", "MB", "GFLOP/s", "GB/s", "roof");
  for (size_t i = 0; i < count; ++i) {
    const kernel_sum *sum = lines[i].sum;
    const tc_kernel *kernel = lines[i].kernel;
    printf(
        "%9.3f %6.1f %7.0f %9.2f %9.3f %9.1f %8.1f %5.0f%%  %s (%s %s%s%s)\n",
        1e3 * sum->seconds / repeats, share * sum->seconds,
        (double)sum->calls / repeats, 1e-6 * sum->flops / repeats,
        1e-6 * sum->bytes / repeats, 1e-9 * sum->flops / sum->seconds,
        1e-9 * sum->bytes / sum->seconds, 100 * roofShare(roof, &lines[i]),
        kernel->name, kernel->kind, kernel->shape,
        *kernel->schedule ? ", " : "", kernel->schedule);
  }
  double other = otherSeconds(phase, lines, count);
  printf("%9.3f %6.1f %63s other\n", 1e3 * other / repeats, share * other, "");
}

void printProfile(const options *options, const profile *profile) {
  line *lines = calloc(profile->model->kernel_count, sizeof *lines);
  if (!lines)
    return;
  roof roof = measureRoof(profile->pool, profile->model);
  for (int i = 0; i < MOST_PHASES; ++i)
    if (profile->phases[i].repeats)
      printPhase(profile, &profile->phases[i], &roof, lines);
  printf("\nroof, %d thread%s: ", (int)options->threads,
         options->threads == 1 ? "" : "s");
  for (int i = 0; i < TC_ARITHMETICS; ++i)
    if (roof.flops[i] > 0)
      printf("%.1f GFLOP/s of %s, ", 1e-9 * roof.flops[i], arithmetics[i]);
  printf("%.1f GB/s read from memory\n", 1e-9 * roof.bytes);
  free(lines);
}

/* ---- JSON ---------------------------------------------------------------- */

static void printPhaseJson(const profile *profile, const phase *phase,
                           const roof *roof, line *lines) {
  size_t count = sortKernels(profile, phase, lines);
  double repeats = (double)phase->repeats;
  printf("{\"phase\": \"%s\", \"seconds\": %.9f, \"other_seconds\": %.9f, "
         "\"kernels\": [",
         phase->name, phase->seconds / repeats,
         otherSeconds(phase, lines, count) / repeats);
  for (size_t i = 0; i < count; ++i) {
    const kernel_sum *sum = lines[i].sum;
    const tc_kernel *kernel = lines[i].kernel;
    printf("%s{\"name\": \"%s\", \"kind\": \"%s\", \"shape\": \"%s\", "
           "\"schedule\": \"%s\", \"calls\": %.3f, \"seconds\": %.9f, "
           "\"flops\": %.0f, \"bytes\": %.0f, \"roof\": %.4f}",
           i ? ", " : "", kernel->name, kernel->kind, kernel->shape,
           kernel->schedule, (double)sum->calls / repeats,
           sum->seconds / repeats, sum->flops / repeats, sum->bytes / repeats,
           roofShare(roof, &lines[i]));
  }
  printf("]}");
}

void printProfileJson(const profile *profile) {
  line *lines = calloc(profile->model->kernel_count, sizeof *lines);
  if (!lines)
    return;
  roof roof = measureRoof(profile->pool, profile->model);
  printf("\"roof\": {");
  for (int i = 0; i < TC_ARITHMETICS; ++i)
    if (roof.flops[i] > 0)
      printf("\"%s\": %.0f, ", arithmetics[i], roof.flops[i]);
  printf("\"bytes\": %.0f}, \"profile\": [", roof.bytes);
  int first = 1;
  for (int i = 0; i < MOST_PHASES; ++i)
    if (profile->phases[i].repeats) {
      printf("%s", first ? "" : ", ");
      printPhaseJson(profile, &profile->phases[i], &roof, lines);
      first = 0;
    }
  printf("], ");
  free(lines);
}
