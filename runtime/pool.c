/* A region of work is announced by counting `generation` up; each thread takes
 * its share of [0, n) and counts `running` down. Threads spin for some
 * microseconds, the time between two regions of a step, then sleep. */
#include "runtime/pool.h"
#include "runtime/cpu.h"
#include "runtime/memory.h"

#include <stdint.h>

#ifdef TC_SINGLE_THREADED

struct tc_pool {
  int threads;
};

tc_status tc_pool_create(int threads, tc_pinning pinning, tc_pool **out) {
  (void)pinning;
  if (!out || threads < 1 || threads > TC_MAX_THREADS)
    return TC_BAD_ARGUMENT;
  if (threads > 1)
    return TC_NO_THREADS;
  *out = tc_memory_map(sizeof **out);
  if (!*out)
    return TC_NO_MEMORY;
  (*out)->threads = 1;
  return TC_OK;
}

void tc_pool_destroy(tc_pool *pool) { tc_memory_unmap(pool, sizeof *pool); }

int tc_pool_threads(const tc_pool *pool) { return pool->threads; }

int tc_pool_usable(const tc_pool *pool) {
  (void)pool;
  return 1;
}

void tc_pool_run(void *pool, size_t n,
                 void (*body)(void *state, size_t begin, size_t end),
                 void *state) {
  (void)pool;
  if (n)
    body(state, 0, n);
}

#else

#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#if defined(__linux__) && !defined(TC_NO_FUTEX)
#define TC_FUTEX 1
#include <linux/futex.h>
#include <sys/syscall.h>
#else
#define TC_FUTEX 0
#endif

/* Some 30 ns each. The caller may spin longer where no worker can be waiting
 * for its CPU: shares of a large region end tens of microseconds apart. */
enum { SPINS = 2000, PINNED_CALLER_SPINS = 20000, STACK_BYTES = 1 << 20 };

typedef struct worker {
  tc_pool *pool;
  pthread_t thread;
  int index; /* 1 to threads - 1; the caller is 0 */
} worker;

struct tc_pool {
  /* Written by the caller before `generation`; a null body ends the threads. */
  void (*body)(void *state, size_t begin, size_t end);
  void *state;
  size_t n;
  int threads;
  int spins, callerSpins;
  pid_t process;
  _Alignas(64) _Atomic uint32_t generation;
  _Atomic uint32_t sleepers; /* workers that sleep or are about to */
  _Alignas(64) _Atomic uint32_t running; /* workers that have not finished */
  _Atomic uint32_t callerSleeps;
#if !TC_FUTEX
  pthread_mutex_t mutex;
  pthread_cond_t changed;
#endif
#ifdef __linux__
  pthread_t pinned; /* the thread whose CPUs were `before` */
  int callerPinned;
  cpu_set_t before;
#endif
  size_t bytes;
  worker workers[];
};

/* ---- Waiting ------------------------------------------------------------- */

/* Sleeps while `word` is `value`; may wake early. */
static void sleepWhile(tc_pool *pool, _Atomic uint32_t *word, uint32_t value) {
#if TC_FUTEX
  (void)pool;
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
#else
  pthread_mutex_lock(&pool->mutex);
  while (atomic_load(word) == value)
    pthread_cond_wait(&pool->changed, &pool->mutex);
  pthread_mutex_unlock(&pool->mutex);
#endif
}

static void wake(tc_pool *pool, _Atomic uint32_t *word) {
#if TC_FUTEX
  (void)pool;
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
#else
  (void)word;
  pthread_mutex_lock(&pool->mutex);
  pthread_cond_broadcast(&pool->changed);
  pthread_mutex_unlock(&pool->mutex);
#endif
}

static void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");
#endif
}

static uint32_t waitForGeneration(tc_pool *pool, uint32_t seen) {
  uint32_t now;
  for (int spin = 0; spin < pool->spins; ++spin) {
    now = atomic_load_explicit(&pool->generation, memory_order_acquire);
    if (now != seen)
      return now;
    relax();
  }
  /* The caller counts the generation up before it reads `sleepers`, so one of
   * the two always sees the other. */
  atomic_fetch_add(&pool->sleepers, 1);
  while ((now = atomic_load(&pool->generation)) == seen)
    sleepWhile(pool, &pool->generation, seen);
  atomic_fetch_sub(&pool->sleepers, 1);
  return now;
}

static void waitForWorkers(tc_pool *pool) {
  uint32_t running;
  for (int spin = 0; spin < pool->callerSpins; ++spin) {
    if (!atomic_load_explicit(&pool->running, memory_order_acquire))
      return;
    relax();
  }
  atomic_store(&pool->callerSleeps, 1);
  while ((running = atomic_load(&pool->running)) != 0)
    sleepWhile(pool, &pool->running, running);
  atomic_store(&pool->callerSleeps, 0);
}

/* ---- Working ------------------------------------------------------------- */

static size_t shareBegin(size_t n, int thread, int threads) {
  size_t each = n / (size_t)threads, rest = n % (size_t)threads;
  size_t t = (size_t)thread;
  return each * t + (t < rest ? t : rest);
}

static void runShare(tc_pool *pool, int thread) {
  size_t begin = shareBegin(pool->n, thread, pool->threads);
  size_t end = shareBegin(pool->n, thread + 1, pool->threads);
  if (begin < end)
    pool->body(pool->state, begin, end);
}

static void *work(void *argument) {
  worker *self = argument;
  tc_pool *pool = self->pool;
  for (uint32_t seen = 0;;) {
    seen = waitForGeneration(pool, seen);
    if (!pool->body)
      return NULL;
    runShare(pool, self->index);
    if (atomic_fetch_sub(&pool->running, 1) == 1 &&
        atomic_load(&pool->callerSleeps))
      wake(pool, &pool->running);
  }
}

static void announce(tc_pool *pool) {
  atomic_fetch_add(&pool->generation, 1);
  if (atomic_load(&pool->sleepers))
    wake(pool, &pool->generation);
}

void tc_pool_run(void *state_, size_t n,
                 void (*body)(void *state, size_t begin, size_t end),
                 void *state) {
  tc_pool *pool = state_;
  if (n == 0)
    return;
  if (n == 1 || pool->threads == 1) {
    body(state, 0, n);
    return;
  }
  pool->body = body;
  pool->state = state;
  pool->n = n;
  atomic_store_explicit(&pool->running, (uint32_t)pool->threads - 1,
                        memory_order_relaxed);
  announce(pool);
  runShare(pool, 0);
  waitForWorkers(pool);
}

/* ---- Beginning and end --------------------------------------------------- */

#ifdef __linux__
/* The `index`-th CPU of the set after `first`, in a circle. */
static void pinTo(pthread_t thread, const cpu_set_t *allowed, int first,
                  int index) {
  int cpu = first;
  while (index > 0) {
    cpu = (cpu + 1) % CPU_SETSIZE;
    index -= CPU_ISSET(cpu, allowed) != 0;
  }
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(cpu, &one);
  pthread_setaffinity_np(thread, sizeof one, &one);
}

static void pinThreads(tc_pool *pool, tc_pinning pinning) {
  int here = sched_getcpu();
  if (pinning == TC_PIN_NONE || pool->threads == 1 || here < 0 ||
      sched_getaffinity(0, sizeof pool->before, &pool->before) != 0 ||
      !CPU_ISSET(here, &pool->before) ||
      pool->threads > CPU_COUNT(&pool->before))
    return;
  for (int i = 1; i < pool->threads; ++i)
    pinTo(pool->workers[i - 1].thread, &pool->before, here, i);
  if (pinning == TC_PIN_ALL) {
    pool->pinned = pthread_self();
    pool->callerPinned = 1;
    pool->callerSpins = PINNED_CALLER_SPINS;
    pinTo(pool->pinned, &pool->before, here, 0);
  }
}

static void unpinCaller(tc_pool *pool) {
  if (pool->callerPinned && pthread_equal(pool->pinned, pthread_self()))
    pthread_setaffinity_np(pool->pinned, sizeof pool->before, &pool->before);
}
#else
static void pinThreads(tc_pool *pool, tc_pinning pinning) {
  (void)pool;
  (void)pinning;
}
static void unpinCaller(tc_pool *pool) { (void)pool; }
#endif

/* Starts the workers with all signals blocked: those are the program's. */
static int startWorkers(tc_pool *pool, int threads) {
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0)
    return 0;
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int started = 1;
  for (; started < threads; ++started) {
    worker *next = &pool->workers[started - 1];
    next->pool = pool;
    next->index = started;
    if (pthread_create(&next->thread, &attributes, work, next) != 0)
      break;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  return started;
}

tc_status tc_pool_create(int threads, tc_pinning pinning, tc_pool **out) {
  if (!out || threads < 1 || threads > TC_MAX_THREADS)
    return TC_BAD_ARGUMENT;
  *out = NULL;
  size_t bytes = sizeof(tc_pool) + (size_t)(threads - 1) * sizeof(worker);
  tc_pool *pool = tc_memory_map(bytes);
  if (!pool)
    return TC_NO_MEMORY;
  pool->bytes = bytes;
  pool->process = getpid();
  /* With fewer CPUs than threads a spinning one takes another one's place. */
  pool->spins = threads > tc_cpu_count() ? 0 : SPINS;
  pool->callerSpins = pool->spins;
#if !TC_FUTEX
  pthread_mutex_init(&pool->mutex, NULL);
  pthread_cond_init(&pool->changed, NULL);
#endif
  pool->threads = threads > 1 ? startWorkers(pool, threads) : 1;
  if (pool->threads != threads) {
    tc_pool_destroy(pool);
    return TC_NO_THREADS;
  }
  pinThreads(pool, pinning);
  *out = pool;
  return TC_OK;
}

void tc_pool_destroy(tc_pool *pool) {
  if (!pool)
    return;
  if (tc_pool_usable(pool)) {
    pool->body = NULL;
    announce(pool);
    for (int i = 1; i < pool->threads; ++i)
      pthread_join(pool->workers[i - 1].thread, NULL);
    unpinCaller(pool);
#if !TC_FUTEX
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->mutex);
#endif
  }
  tc_memory_unmap(pool, pool->bytes);
}

int tc_pool_threads(const tc_pool *pool) { return pool->threads; }

int tc_pool_usable(const tc_pool *pool) { return pool->process == getpid(); }

#endif /* TC_SINGLE_THREADED */
