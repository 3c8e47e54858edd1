/* A region of work is announced in one word: its number, and how much of it is
 * still to be taken. Each thread takes a part of what is left, large ones first
 * and single iterations in the end, so that a slow thread makes none wait. Nor
 * does the caller wait for a thread that has taken nothing: that one may be
 * asleep, or without a CPU. Threads spin for some microseconds, the time
 * between two regions of a step, then sleep. */
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

/* Some 30 ns each. The caller spins longer: until the last iteration of another
 * thread ends, seldom more than some hundred microseconds away. */
enum { SPINS = 2000, CALLER_SPINS = 10000, SPINS_PER_YIELD = 64 };
enum { STACK_BYTES = 1 << 20 };

typedef struct worker {
  tc_pool *pool;
  pthread_t thread;
} worker;

struct tc_pool {
  int threads;
  int spins, callerSpins;
  pid_t process;
  /* The region's number in the upper half, iterations left in the lower. While
   * some are left the caller does not touch what follows; a thread that read it
   * later than `work` will find that the word has changed. */
  _Alignas(64) _Atomic uint64_t work;
  _Atomic uintptr_t body; /* null ends the threads */
  _Atomic uintptr_t state;
  _Atomic size_t n;
  _Alignas(64) _Atomic uint32_t finished; /* iterations, by workers */
  _Atomic uint32_t callerSleeps;
  _Alignas(64) _Atomic uint32_t sleepers; /* workers that do or are about to */
  _Atomic uint32_t alarm;                 /* counts up to wake them */
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

/* Lets now and then whoever else waits for this CPU have it: perhaps the very
 * thread that is waited for. */
static void relax(int spin) {
  if (spin % SPINS_PER_YIELD == SPINS_PER_YIELD - 1)
    sched_yield();
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");
#endif
}

static uint32_t numberOf(uint64_t work) { return (uint32_t)(work >> 32); }

/* The work that is not that of region `seen`. */
static uint64_t waitForWork(tc_pool *pool, uint32_t seen) {
  uint64_t work;
  for (int spin = 0; spin < pool->spins; ++spin) {
    work = atomic_load_explicit(&pool->work, memory_order_acquire);
    if (numberOf(work) != seen)
      return work;
    relax(spin);
  }
  /* The caller writes `work` before it reads `sleepers`, so one of the two
   * always sees the other. */
  atomic_fetch_add(&pool->sleepers, 1);
  for (;;) {
    uint32_t alarm = atomic_load(&pool->alarm);
    work = atomic_load(&pool->work);
    if (numberOf(work) != seen)
      break;
    sleepWhile(pool, &pool->alarm, alarm);
  }
  atomic_fetch_sub(&pool->sleepers, 1);
  return work;
}

/* Until the workers have finished `count` iterations. */
static void waitForWorkers(tc_pool *pool, uint32_t count) {
  uint32_t finished;
  for (int spin = 0; spin < pool->callerSpins; ++spin) {
    if (atomic_load_explicit(&pool->finished, memory_order_acquire) == count)
      return;
    relax(spin);
  }
  atomic_store(&pool->callerSleeps, 1);
  while ((finished = atomic_load(&pool->finished)) != count)
    sleepWhile(pool, &pool->finished, finished);
  atomic_store(&pool->callerSleeps, 0);
}

/* ---- Working ------------------------------------------------------------- */

typedef void (*loop_body)(void *state, size_t begin, size_t end);

/* Takes parts of the region until nothing is left; how much it did. */
static uint32_t takeParts(tc_pool *pool, uint64_t work, loop_body body) {
  void *state =
      (void *)atomic_load_explicit(&pool->state, memory_order_relaxed);
  size_t n = atomic_load_explicit(&pool->n, memory_order_relaxed);
  uint32_t number = numberOf(work), left, done = 0;
  while (numberOf(work) == number && (left = (uint32_t)work) != 0) {
    uint32_t part = left / (2 * (uint32_t)pool->threads);
    part += part == 0;
    if (!atomic_compare_exchange_weak_explicit(&pool->work, &work, work - part,
                                               memory_order_acquire,
                                               memory_order_acquire))
      continue;
    body(state, n - left, n - left + part);
    done += part;
    work = atomic_load_explicit(&pool->work, memory_order_acquire);
  }
  return done;
}

static void *work(void *argument) {
  tc_pool *pool = ((worker *)argument)->pool;
  for (uint32_t seen = 0;;) {
    uint64_t now = waitForWork(pool, seen);
    seen = numberOf(now);
    loop_body body =
        (loop_body)atomic_load_explicit(&pool->body, memory_order_relaxed);
    if (!body)
      return NULL;
    uint32_t done = takeParts(pool, now, body);
    if (done) {
      atomic_fetch_add(&pool->finished, done);
      if (atomic_load(&pool->callerSleeps))
        wake(pool, &pool->finished);
    }
  }
}

static uint64_t announce(tc_pool *pool, loop_body body, void *state,
                         uint32_t n) {
  uint64_t work = atomic_load_explicit(&pool->work, memory_order_relaxed);
  work = (uint64_t)(numberOf(work) + 1) << 32 | n;
  atomic_store_explicit(&pool->body, (uintptr_t)body, memory_order_relaxed);
  atomic_store_explicit(&pool->state, (uintptr_t)state, memory_order_relaxed);
  atomic_store_explicit(&pool->n, n, memory_order_relaxed);
  atomic_store_explicit(&pool->finished, 0, memory_order_relaxed);
  atomic_store(&pool->work, work);
  if (atomic_load(&pool->sleepers)) {
    atomic_fetch_add(&pool->alarm, 1);
    wake(pool, &pool->alarm);
  }
  return work;
}

void tc_pool_run(void *state_, size_t n,
                 void (*body)(void *state, size_t begin, size_t end),
                 void *state) {
  tc_pool *pool = state_;
  if (n == 0)
    return;
  if (n == 1 || n > UINT32_MAX || pool->threads == 1) {
    body(state, 0, n);
    return;
  }
  uint64_t work = announce(pool, body, state, (uint32_t)n);
  waitForWorkers(pool, (uint32_t)n - takeParts(pool, work, body));
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
  int crowded = threads > tc_cpu_count();
  pool->spins = crowded ? 0 : SPINS;
  pool->callerSpins = crowded ? 0 : CALLER_SPINS;
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
    announce(pool, NULL, NULL, 0);
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
