/* What this machine can do: multiply-adds by the vectors that the model was
 * compiled for, and reading of memory, on the threads of a pool. Each is the
 * best of some tries, since whatever else the machine does only slows them. */
#include "runtime/program/commands.h"
#include "runtime/program/profile.h"

#include <stdlib.h>
#include <string.h>

/* A thread takes some parts of the work, as it is quick or slow. */
enum { ROUNDS = 20 * 1000, ACCUMULATORS = 10, PARTS = 32, TRIES = 5 };

/* MULTIPLY(vector type, instruction, register class): a function of ROUNDS x
 * ACCUMULATORS independent multiply-adds. */
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

typedef void (*multiply)(void);

#if defined(__x86_64__)
typedef float vector8 __attribute__((vector_size(32)));
typedef float vector16 __attribute__((vector_size(64)));
#define FMA(N) "vfmadd231ps %10, %11, %" N "\n\t"
MULTIPLY(multiply8, __attribute__((target("avx2,fma"))), vector8, FMA, "x")
MULTIPLY(multiply16, __attribute__((target("avx512f"))), vector16, FMA, "v")

static multiply chooseMultiply(const tc_model *model, int *lanes) {
  *lanes = model->features & TC_CPU_AVX512 ? 16 : 8;
  return *lanes == 16 ? multiply16 : multiply8;
}
#elif defined(__aarch64__)
typedef float vector4 __attribute__((vector_size(16)));
#define FMA(N) "fmla %" N ".4s, %10.4s, %11.4s\n\t"
MULTIPLY(multiply4, , vector4, FMA, "w")

static multiply chooseMultiply(const tc_model *model, int *lanes) {
  (void)model;
  *lanes = 4;
  return multiply4;
}
#else
#error "no fused multiply-add is known here"
#endif

/* ---- Both on all threads ------------------------------------------------- */

typedef struct job {
  multiply multiply;
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

roof measureRoof(tc_pool *pool, const tc_model *model) {
  const size_t most = (size_t)256 << 20; /* more than caches hold */
  size_t parts = PARTS * (size_t)tc_pool_threads(pool);
  int lanes;
  job job = {.multiply = chooseMultiply(model, &lanes),
             .part = most / parts / 4096 * 4096};
  double operations = 2.0 * ROUNDS * ACCUMULATORS * lanes * (double)parts;
  roof roof = {operations / leastSeconds(pool, &job, multiplyOnThread), 1e30};
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
