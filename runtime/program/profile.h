/* Times of kernels: what they add up to, and what each thread did when. */
#ifndef TRANSFORMER_RUNTIME_PROGRAM_PROFILE_H
#define TRANSFORMER_RUNTIME_PROGRAM_PROFILE_H

#include "runtime/program/options.h"
#include "runtime/session.h"

#include <stdio.h>

enum { MOST_PHASES = 2 };

/* Of one kernel in one phase. */
typedef struct kernel_sum {
  uint64_t calls;
  double seconds, flops, bytes;
} kernel_sum;

/* A part of a measurement: prefill, decode or a batch of inputs. */
typedef struct phase {
  const char *name;
  uint64_t repeats; /* of what the phase says: prompts, tokens, batches */
  double seconds;
  kernel_sum *sums; /* [tc_model.kernel_count] */
} phase;

/* Work on one thread: a kernel, or a range of its parallel loop. */
typedef struct event {
  double begin, end;
  uint32_t kernel;
} event;

typedef struct lane {
  event *events;
  size_t count, capacity;
} lane;

typedef struct profile {
  const tc_model *model;
  tc_pool *pool;
  int threads;
  phase phases[MOST_PHASES];
  phase *now;      /* null: nothing is recorded */
  double origin;   /* of the times of events */
  double start;    /* of the phase */
  double begun;    /* of the kernel that runs */
  uint32_t kernel; /* that runs */
  lane kernels;    /* of the calling thread */
  lane *ranges;    /* [threads] */
  FILE *trace;     /* null: none is wanted */
} profile;

/* Sets what `engine` calls for loops and reports. 0, or 1 after a message. */
int createProfile(const options *options, const tc_model *model,
                  tc_engine_options *engine, profile **out);
/* After the engine. Null is allowed, also below. */
void destroyProfile(profile *profile);

/* What runs from here on belongs to the phase, until the end of it. */
void beginPhase(profile *profile, int phase, const char *name);
void endPhase(profile *profile, size_t repeats);

/* ---- roof.c: what this machine can do, in operations and bytes a second -- */

typedef struct roof {
  double flops[TC_ARITHMETICS]; /* 0: not used by the model */
  double bytes;
} roof;

roof measureRoof(tc_pool *pool, const tc_model *model);

/* ---- table.c, trace.c ---------------------------------------------------- */

/* The phases' kernels, the slowest first. */
void printProfile(const options *options, const profile *profile);
/* The same as members of a JSON object, each with a comma behind it. */
void printProfileJson(const profile *profile);

/* Chrome's trace format. 0, or 1 after a message. */
int writeTrace(const options *options, const profile *profile);

#endif
