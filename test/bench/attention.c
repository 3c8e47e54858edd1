/* The attention kernel alone: prompts of some lengths, then single rows behind
 * contexts of the same lengths. One JSON object a line; the peak is measured in
 * turn with the kernel, since clocks drift. Compiled by attention.py. */
#include "runtime/abi.h"

#include <immintrin.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void attention_step(const tc_step *step);

enum { ACCUMULATORS = 10, TRIES = 25 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

#if defined(__AVX512F__) && LANES == 16
typedef __m512 vector;
#define FMA(a) __asm__ volatile("vfmadd231ps %1, %1, %0" : "+v"(a) : "v"(x))
#else
typedef __m256 vector;
#define FMA(a) __asm__ volatile("vfmadd231ps %1, %1, %0" : "+x"(a) : "x"(x))
#endif

/* Operations a second of multiply-adds on registers. */
static double peak(void) {
  enum { ROUNDS = 200 * 1000 };
  vector x, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9;
  memset(&x, 0, sizeof x);
  a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = a8 = a9 = x;
  double start = now();
  for (int i = 0; i < ROUNDS; ++i) {
    FMA(a0);
    FMA(a1);
    FMA(a2);
    FMA(a3);
    FMA(a4);
    FMA(a5);
    FMA(a6);
    FMA(a7);
    FMA(a8);
    FMA(a9);
  }
  double seconds = now() - start;
  return 2.0 * ACCUMULATORS * ROUNDS * (sizeof(vector) / sizeof(float)) /
         seconds;
}

static int32_t positions[CONTEXT], starts[2], tiles[CONTEXT][4], outputs[1];
static void *caches[CONTEXT];

/* `rows` rows behind `before` earlier ones. */
static void run(int rows, int before, void *scratch) {
  int count = 0;
  for (int row = 0; row < rows; row += TILE_ROWS, ++count) {
    tiles[count][0] = row;
    tiles[count][1] = rows - row < TILE_ROWS ? rows - row : TILE_ROWS;
    tiles[count][2] = before + rows;
    tiles[count][3] = 0;
  }
  for (int row = 0; row < rows; ++row)
    positions[row] = before + row;
  starts[1] = rows;
  const tc_step step = {.scratch = scratch,
                        .positions = positions,
                        .caches = caches,
                        .starts = starts,
                        .tiles = &tiles[0][0],
                        .outputs = outputs,
                        .rows = (size_t)rows,
                        .sequences = 1,
                        .tile_count = (size_t)count};
  attention_step(&step);
}

static void measure(const char *what, int rows, int before, void *scratch) {
  /* Keys that each row sees, times multiply-adds for scores and values. */
  double keys = (double)rows * before + 0.5 * rows * (rows + 1.0);
  double operations = 4.0 * HEADS * DIM * keys;
  double bytes = 2.0 * KV_HEADS * DIM * CACHE_BYTES * (rows + before);
  double best = 1e9, most = 0;
  for (int try = 0; try < TRIES; ++try) {
    double limit = peak();
    most = limit > most ? limit : most;
    int rounds = 1 + (int)(1e8 / operations);
    double start = now();
    for (int i = 0; i < rounds; ++i)
      run(rows, before, scratch);
    double seconds = (now() - start) / rounds;
    best = seconds < best ? seconds : best;
  }
  printf("{\"work\": \"%s\", \"rows\": %d, \"ms\": %.4f, \"peak\": %.1f, "
         "\"percent\": %.1f, \"gbytes\": %.1f}\n",
         what, rows + before, 1e3 * best, 1e-9 * most,
         100 * operations / best / most, 1e-9 * bytes / best);
  fflush(stdout);
}

int main(int argc, char **argv) {
  size_t floats = SCRATCH / sizeof(float);
  float *scratch = aligned_alloc(4096, SCRATCH);
  float *cache = aligned_alloc(4096, CACHE);
  for (size_t i = 0; i < floats; ++i)
    scratch[i] = (float)rand() / (float)RAND_MAX - 0.5f;
  if (CACHE_BYTES == 4)
    for (size_t i = 0; i < CACHE / sizeof(float); ++i)
      cache[i] = (float)rand() / (float)RAND_MAX - 0.5f;
  else
    memset(cache, 0x3c, CACHE); /* 0.0115 in bfloat16 */
  for (int i = 0; i < CONTEXT; ++i)
    caches[i] = cache;
  for (int i = 1; i < argc; ++i)
    measure("prompt", atoi(argv[i]), 0, scratch);
  for (int i = 1; i < argc; ++i)
    measure("one row", 1, atoi(argv[i]) - 1, scratch);
  return 0;
}
