/* What engine.c (making), step.c and source.c (running) and session.c share. */
#ifndef TRANSFORMER_RUNTIME_ENGINE_H
#define TRANSFORMER_RUNTIME_ENGINE_H

#include "runtime/session.h"

#include <stdatomic.h>
#ifndef TC_SINGLE_THREADED
#include <pthread.h>
#endif

struct tc_engine {
  const tc_model *model;
  const tc_weights *weights;
  tc_weights *owned; /* the same where the engine closes them, else null */
  tc_pool *pool;     /* null with the caller's own parallel loops */
  tc_parallel_for parallel_for;
  void *parallel_state;
  tc_report report;
  void *report_state;

  /* The arrays of tc_step, sized for the largest one. */
  void *scratch;
  int32_t *tokens, *positions, *limits, *types, *starts, *tiles, *outputs,
      *sources;
  float *rows; /* of models or encoders that take rows, or arrays of sources */
  void **caches;
  float **taps;    /* [taps][most rows]; null: nowhere */
  float **shifted; /* [tap_count]: where those of one input of many go */
  float **targets; /* where each output row goes; null: nowhere */
  float *gathered; /* output rows that go to separate places */

  /* Caches of whole sequences, which need them during one step only. */
  unsigned char *slots;
  size_t slot_count;

  size_t arrays_bytes, gathered_bytes, slots_bytes;
  void *arrays;
#ifndef TC_SINGLE_THREADED
  pthread_mutex_t turn;
#else
  atomic_flag turn;
#endif
};

struct tc_session {
  tc_engine *engine;
  void *cache;
  size_t length;
  size_t source; /* rows of its source; 0: none yet */
  size_t prefix; /* tokens or rows that see each other */
  atomic_flag busy;
};

/* One running call at a time, on weights that are whole: waits, or without
 * threads returns TC_BUSY. */
tc_status tc_engine_begin(tc_engine *engine);
void tc_engine_end(tc_engine *engine);

/* 1 if the caller now has the session to itself, until it clears `busy`. */
int tc_session_take(tc_session *session);
void tc_session_release(tc_session *session);
/* Takes the sessions of all entries, or of none. */
tc_status tc_sessions_take(const tc_entry *entries, size_t count);
void tc_sessions_release(const tc_entry *entries, size_t count);

/* Bytes from one slot to the next. */
size_t tc_slot_stride(const tc_model *model);

/* Rows that go into the encoder with `count` tokens or rows, or an array. */
size_t tc_source_rows(const tc_model *model, size_t count);
/* Rows that come out of a step with so many: windows are the encoder's, if
 * there is one. */
size_t tc_step_rows(const tc_model *model, size_t rows);

#endif
