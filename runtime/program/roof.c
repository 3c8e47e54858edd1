/* What this machine can do: multiply-adds by the vectors that the model was
 * compiled for, and reading of memory, on the threads of a pool. Each is the
 * best of some tries, since whatever else the machine does only slows them. */
#include "runtime/program/commands.h"
#include "runtime/program/profile.h"

#include <stdlib.h>
#include <string.h>

/* A thread takes some parts of the work, as it is quick or slow. */
enum { ROUNDS = 20 * 1000, ACCUMULATORS = 10, PARTS = 32, TRIES = 5 };

/* MULTIPLY(name, target, vector type, instruction, register class): a function
 * of ROUNDS x ACCUMULATORS independent instructions. */
#define MULTIPLY(NAME, TARGET, VECTOR, FMA, CLASS)                             \
  TARGET static void NAME(void) {                                              \
    VECTOR x = {0}, y = {0}, a = x, b = x, c = x, d = x, e = x, f = x, g = x,  \
           h = x, i = x, j = x;                                                \
    for (int n = 0; n < ROUNDS; ++n)                                           \
      __asm__ volatile(FMA("0") FMA("1") FMA("2") FMA("3") FMA("4") FMA("5")   \
                           FMA("6") FMA("7") FMA("8") FMA("9")                 \
                       : "+" CLASS(a), "+" CLASS(b), "+" CLASS(c),             \
                         "+" CLASS(d), "+" CLASS(e), "+" CLASS(f),             \
                         "+" CLASS(g), "+" CLASS(h), "+" CLASS(i),             \
                         "+" CLASS(j)                                          \
                       : CLASS(x), CLASS(y));                                  \
  }

/* Code for what a model was compiled for, and the operations of one of its
 * instructions. */
typedef struct unit {
  void (*run)(void);
  double operations;
} unit;

#if defined(__x86_64__)
typedef float vector8 __attribute__((vector_size(32)));
typedef float vector16 __attribute__((vector_size(64)));
#define FMA(N) "vfmadd231ps %10, %11, %" N "\n\t"
#define BF16(N) "vdpbf16ps %10, %11, %" N "\n\t"
#define INT8(N) "vpdpbusd %10, %11, %" N "\n\t"
MULTIPLY(fma8, __attribute__((target("avx2,fma"))), vector8, FMA, "x")
MULTIPLY(fma16, __attribute__((target("avx512f"))), vector16, FMA, "v")
MULTIPLY(pairs16, __attribute__((target("avx512f"))), vector16, BF16, "v")
MULTIPLY(bytes16, __attribute__((target("avx512f"))), vector16, INT8, "v")

static unit unitOf(const tc_model *model, tc_arithmetic arithmetic) {
  if (arithmetic == TC_DOT_BF16)
    return (unit){pairs16, 64};
  if (arithmetic == TC_DOT_INT8)
    return (unit){bytes16, 128};
  return model->features & TC_CPU_AVX512 ? (unit){fma16, 32} : (unit){fma8, 16};
}
#elif defined(__aarch64__)
typedef float vector4 __attribute__((vector_size(16)));
#define FMA(N) "fmla %" N ".4s, %10.4s, %11.4s\n\t"
#define INT8(N) "sdot %" N ".4s, %10.16b, %11.16b\n\t"
MULTIPLY(fma4, , vector4, FMA, "w")
MULTIPLY(bytes4, __attribute__((target("arch=armv8.2-a+dotprod"))), vector4,
         INT8, "w")

static unit unitOf(const tc_model *model, tc_arithmetic arithmetic) {
  (void)model;
  return arithmetic == TC_DOT_INT8 ? (unit){bytes4, 32} : (unit){fma4, 8};
}
#else
#error "no fused multiply-add is known here"
#endif

/* ---- Both on all threads ------------------------------------------------- */

typedef struct job {
  void (*multiply)(void);
  const char *memory;
  size_t part; /* bytes */
  volatile uint64_t sink;
} job;

static void multiplyOnThread(void *state, size_t begin, size_t end) {
  for (; begin < end; ++begin)
    ((job *)state)->multiply();
}

typedef uint64_t words __attribute__((vector_size(64)));

/* Four streams: more reads under way than one gives. */
static void readOnThread(void *state, size_t begin, size_t end) {
  job *job = state;
  size_t quarter = (end - begin) * job->part / sizeof(words) / 4;
  const words *one = (const words *)(job->memory + begin * job->part),
              *two = one + quarter, *three = two + quarter,
              *four = three + quarter;
  words a = {0}, b = a, c = a, d = a;
  for (size_t i = 0; i < quarter; ++i) {
    a |= one[i];
    b |= two[i];
    c |= three[i];
    d |= four[i];
  }
  a |= b | c | d;
  job->sink = a[0] | a[1] | a[2] | a[3] | a[4] | a[5] | a[6] | a[7];
}

static double leastSeconds(tc_pool *pool, job *job,
                           void (*body)(void *, size_t, size_t)) {
  double least = 1e9;
  for (int try = 0; try < TRIES; ++try) {
    double start = now();
    tc_pool_run(pool, PARTS * (size_t)tc_pool_threads(pool), body, job);
    double seconds = now() - start;
    if (seconds < least)
      least = seconds;
  }
  return least;
}

/* Whether a kernel of the model multiplies so. */
static int isUsed(const tc_model *model, tc_arithmetic arithmetic) {
  for (uint32_t i = 0; i < model->kernel_count; ++i)
    if (model->kernels[i].arithmetic == (uint32_t)arithmetic)
      return 1;
  return 0;
}

roof measureRoof(tc_pool *pool, const tc_model *model) {
  const size_t most = (size_t)256 << 20; /* more than caches hold */
  size_t parts = PARTS * (size_t)tc_pool_threads(pool);
  job job = {.part = most / parts / 4096 * 4096};
  roof roof = {.bytes = 1e30};
  for (int i = 0; i < TC_ARITHMETICS; ++i)
    if (isUsed(model, (tc_arithmetic)i)) {
      unit unit = unitOf(model, (tc_arithmetic)i);
      job.multiply = unit.run;
      roof.flops[i] = ROUNDS * ACCUMULATORS * unit.operations * (double)parts /
                      leastSeconds(pool, &job, multiplyOnThread);
    }
  char *memory = aligned_alloc(4096, most);
  if (!memory) /* then the multiply-adds are the only limit known */
    return roof;
  memset(memory, 1, most);
  job.memory = memory;
  roof.bytes =
      (double)(job.part * parts) / leastSeconds(pool, &job, readOnThread);
  free(memory);
  return roof;
}
