/* What the machine can do: multiply-adds in registers (of floats, and where
 * there are instructions for them of bytes and pairs of bf16), and reading of
 * memory. `roof THREADS` prints one JSON object; each figure is the best of
 * some tries, since whatever else the machine does only slows them. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#if defined(__AVX512F__)
#include <immintrin.h>
typedef __m512 vector;
#define FMA(a, x, y)                                                           \
  __asm__("vfmadd231ps %2, %1, %0" : "+v"(a) : "v"(x), "v"(y))
#elif defined(__FMA__)
#include <immintrin.h>
typedef __m256 vector;
#define FMA(a, x, y)                                                           \
  __asm__("vfmadd231ps %2, %1, %0" : "+x"(a) : "x"(x), "x"(y))
#elif defined(__aarch64__)
#include <arm_neon.h>
typedef float32x4_t vector;
#define FMA(a, x, y)                                                           \
  __asm__("fmla %0.4s, %1.4s, %2.4s" : "+w"(a) : "w"(x), "w"(y))
#else
#error "no fused multiply-add is known here"
#endif

#if defined(__AVX512VNNI__)
#define BYTES(a, x, y) __asm__("vpdpbusd %2, %1, %0" : "+v"(a) : "v"(x), "v"(y))
#elif defined(__aarch64__) && defined(__ARM_FEATURE_DOTPROD)
#define BYTES(a, x, y)                                                         \
  __asm__("sdot %0.4s, %1.16b, %2.16b" : "+w"(a) : "w"(x), "w"(y))
#endif
#if defined(__AVX512BF16__)
#define PAIRS(a, x, y)                                                         \
  __asm__("vdpbf16ps %2, %1, %0" : "+v"(a) : "v"(x), "v"(y))
#endif

enum { ACCUMULATORS = 10, MOST_THREADS = 256, TRIES = 7 };
enum { ROUNDS = 20 * 1000 * 1000 };
static const size_t bytes = (size_t)512 << 20; /* of all threads */

typedef struct job {
  pthread_barrier_t *barrier;
  const char *memory;
  size_t length;
  double sink;
} job;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* A thread that does nothing but one instruction, on independent sums. */
#define WORK(name, FMA)                                                        \
  static void *name(void *argument) {                                          \
    job *job = argument;                                                       \
    vector a[ACCUMULATORS], x, y;                                              \
    memset(&a, 0, sizeof a);                                                   \
    memset(&x, 0, sizeof x);                                                   \
    memset(&y, 0, sizeof y);                                                   \
    vector a0 = a[0], a1 = a[1], a2 = a[2], a3 = a[3], a4 = a[4], a5 = a[5],   \
           a6 = a[6], a7 = a[7], a8 = a[8], a9 = a[9];                         \
    pthread_barrier_wait(job->barrier);                                        \
    for (int i = 0; i < ROUNDS; ++i) {                                         \
      FMA(a0, x, y);                                                           \
      FMA(a1, x, y);                                                           \
      FMA(a2, x, y);                                                           \
      FMA(a3, x, y);                                                           \
      FMA(a4, x, y);                                                           \
      FMA(a5, x, y);                                                           \
      FMA(a6, x, y);                                                           \
      FMA(a7, x, y);                                                           \
      FMA(a8, x, y);                                                           \
      FMA(a9, x, y);                                                           \
    }                                                                          \
    pthread_barrier_wait(job->barrier);                                        \
    a0 = a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9;                      \
    memcpy(&job->sink, &a0, sizeof job->sink);                                 \
    return NULL;                                                               \
  }

WORK(multiplyFloats, FMA)
#ifdef BYTES
WORK(multiplyBytes, BYTES)
#endif
#ifdef PAIRS
WORK(multiplyPairs, PAIRS)
#endif

/* Four streams a thread: more reads under way than one gives. */
static void *readMemory(void *argument) {
  job *job = argument;
  size_t quarter = job->length / 4 / sizeof(vector);
  const vector *one = (const vector *)job->memory, *two = one + quarter,
               *three = two + quarter, *four = three + quarter;
  vector a, b, c, d;
  memset(&a, 0, sizeof a);
  b = c = d = a;
  pthread_barrier_wait(job->barrier);
  for (size_t i = 0; i < quarter; ++i) {
    a += one[i];
    b += two[i];
    c += three[i];
    d += four[i];
  }
  pthread_barrier_wait(job->barrier);
  a = a + b + c + d;
  memcpy(&job->sink, &a, sizeof job->sink);
  return NULL;
}

/* Seconds that all threads take together; the least of the tries. */
static double measure(int threads, void *(*work)(void *), const char *memory) {
  double least = 1e9;
  for (int try = 0; try < TRIES; ++try) {
    pthread_barrier_t barrier;
    pthread_t ids[MOST_THREADS];
    job jobs[MOST_THREADS];
    pthread_barrier_init(&barrier, NULL, (unsigned)threads + 1);
    size_t share = bytes / (size_t)threads / 4096 * 4096;
    for (int i = 0; i < threads; ++i) {
      jobs[i] = (job){&barrier, memory + share * (size_t)i, share, 0};
      if (pthread_create(&ids[i], NULL, work, &jobs[i]) != 0)
        exit(1);
    }
    pthread_barrier_wait(&barrier);
    double start = now();
    pthread_barrier_wait(&barrier);
    double seconds = now() - start;
    for (int i = 0; i < threads; ++i)
      pthread_join(ids[i], NULL);
    pthread_barrier_destroy(&barrier);
    if (seconds < least)
      least = seconds;
  }
  return least;
}

/* Billions of operations a second: `width` multiply-adds an instruction. */
static double speedOf(int threads, void *(*work)(void *), size_t width) {
  return 2e-9 * ACCUMULATORS * ROUNDS * (double)width * threads /
         measure(threads, work, NULL);
}

int main(int argc, char **argv) {
  int threads = argc > 1 ? atoi(argv[1]) : 1;
  if (threads < 1 || threads > MOST_THREADS)
    return 2;
  size_t lanes = sizeof(vector) / sizeof(float);
  printf("{\"threads\": %d, \"gflops\": %.1f, ", threads,
         speedOf(threads, multiplyFloats, lanes));
#ifdef BYTES
  printf("\"int8_gops\": %.1f, ", speedOf(threads, multiplyBytes, 4 * lanes));
#endif
#ifdef PAIRS
  printf("\"bf16_gflops\": %.1f, ", speedOf(threads, multiplyPairs, 2 * lanes));
#endif
  char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    return 1;
  madvise(memory, bytes, MADV_HUGEPAGE);
  memset(memory, 1, bytes);
  double reading = measure(threads, readMemory, memory);
  printf("\"gbytes\": %.2f}\n", 1e-9 * (double)bytes / reading);
  return 0;
}
