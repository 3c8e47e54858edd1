/* What a parallel region of the pool costs. `regions THREADS [OTHERS]` prints
 * one JSON object: microseconds of an empty region; microseconds that a region
 * of some work takes beyond its share of that work; and how much faster the
 * threads do the work than one alone, all while OTHERS threads outside the pool
 * compute too. */
#include "runtime/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ITERATIONS = 64, REGIONS = 20, TRIES = 200, MOST_OTHERS = 256 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void doNothing(void *state, size_t begin, size_t end) {
  (void)state;
  (void)begin;
  (void)end;
}

/* A chain of multiplications: the same time on every CPU, no memory. */
static void multiply(void *state, size_t begin, size_t end) {
  (void)state;
  for (size_t i = begin; i < end; ++i) {
    unsigned value = (unsigned)i;
    for (int step = 0; step < 2000; ++step) {
      value = value * 3 + 1;
      __asm__ volatile("" : "+r"(value));
    }
  }
}

static atomic_int ending;

static void *compute(void *argument) {
  while (!atomic_load_explicit(&ending, memory_order_relaxed))
    doNothing(NULL, 0, 0);
  return argument;
}

/* Microseconds of all the regions. */
static double measure(tc_pool *pool, int regions,
                      void (*body)(void *, size_t, size_t)) {
  double start = now();
  for (int i = 0; i < regions; ++i)
    tc_pool_run(pool, ITERATIONS, body, NULL);
  return 1e6 * (now() - start);
}

int main(int argc, char **argv) {
  int threads = argc > 1 ? atoi(argv[1]) : 2;
  int others = argc > 2 ? atoi(argv[2]) : 0;
  tc_pool *alone, *pool;
  pthread_t ids[MOST_OTHERS];
  if (others < 0 || others > MOST_OTHERS ||
      tc_pool_create(1, TC_PIN_NONE, &alone) ||
      tc_pool_create(threads, TC_PIN_NONE, &pool))
    return 2;
  for (int i = 0; i < others; ++i)
    if (pthread_create(&ids[i], NULL, compute, NULL) != 0)
      return 1;
  double empty = measure(pool, TRIES * REGIONS, doNothing), one = 0, all = 0;
  for (int try = 0; try < TRIES; ++try) {
    one += measure(alone, REGIONS, multiply);
    all += measure(pool, REGIONS, multiply);
  }
  atomic_store(&ending, 1);
  for (int i = 0; i < others; ++i)
    pthread_join(ids[i], NULL);
  printf("{\"threads\": %d, \"others\": %d, \"empty_us\": %.3f, "
         "\"beyond_share_us\": %.2f, \"speedup\": %.3f}\n",
         threads, others, empty / TRIES / REGIONS,
         (all - one / threads) / TRIES / REGIONS, one / all);
  tc_pool_destroy(pool);
  tc_pool_destroy(alone);
  return 0;
}
