/* A pool of threads for the parallel loops of generated code: whoever has time
 * takes the next part of a loop; there are no queues and no locks on the way.
 */
#ifndef TRANSFORMER_RUNTIME_POOL_H
#define TRANSFORMER_RUNTIME_POOL_H

#include "runtime/status.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tc_pool tc_pool;

enum { TC_MAX_THREADS = 1024 };

typedef enum tc_pinning {
  TC_PIN_NONE = 0, /* where the system puts them: the others wait for none that
                      lost its CPU, so this serves a busy machine best */
  TC_PIN_WORKERS,  /* each of the pool's own threads to a CPU of its own */
  TC_PIN_ALL       /* also the thread that makes the pool, until it ends it */
} tc_pinning;

/* A pool of `threads` threads (1 to TC_MAX_THREADS) counting the one that calls
 * tc_pool_run: with 1 no thread is started. Pinning is left out where the
 * system cannot do it or there are more threads than CPUs. */
tc_status tc_pool_create(int threads, tc_pinning pinning, tc_pool **out);

/* Ends the threads. Null is allowed. */
void tc_pool_destroy(tc_pool *pool);

int tc_pool_threads(const tc_pool *pool);

/* 0 in a process that was forked from the pool's: its threads are not there. */
int tc_pool_usable(const tc_pool *pool);

/* The tc_parallel_for of a pool. One call at a time, and none from a body. */
void tc_pool_run(void *pool, size_t n,
                 void (*body)(void *state, size_t begin, size_t end),
                 void *state);

#ifdef __cplusplus
}
#endif
#endif
