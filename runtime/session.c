/* Sessions: a cache, and how many tokens or rows of it count. */
#include "runtime/engine.h"
#include "runtime/memory.h"

#include <stdlib.h>

tc_status tc_session_create(tc_engine *engine, tc_session **out) {
  if (!engine || !out)
    return TC_BAD_ARGUMENT;
  *out = NULL;
  if (!tc_has_sessions(engine->model))
    return TC_BAD_ARGUMENT;
  tc_session *session = calloc(1, sizeof *session);
  if (!session)
    return TC_NO_MEMORY;
  session->engine = engine;
  session->cache = tc_memory_map((size_t)engine->model->cache_bytes);
  atomic_flag_clear(&session->busy);
  if (!session->cache) {
    free(session);
    return TC_NO_MEMORY;
  }
  *out = session;
  return TC_OK;
}

void tc_session_destroy(tc_session *session) {
  if (!session)
    return;
  tc_memory_unmap(session->cache, (size_t)session->engine->model->cache_bytes);
  free(session);
}

int tc_session_take(tc_session *session) {
  return !atomic_flag_test_and_set_explicit(&session->busy,
                                            memory_order_acquire);
}

void tc_session_release(tc_session *session) {
  atomic_flag_clear_explicit(&session->busy, memory_order_release);
}

tc_status tc_sessions_take(const tc_entry *entries, size_t count) {
  for (size_t i = 0; i < count; ++i)
    if (entries[i].session && !tc_session_take(entries[i].session)) {
      tc_sessions_release(entries, i);
      return TC_BUSY;
    }
  return TC_OK;
}

void tc_sessions_release(const tc_entry *entries, size_t count) {
  for (size_t i = 0; i < count; ++i)
    if (entries[i].session)
      tc_session_release(entries[i].session);
}

size_t tc_session_length(const tc_session *session) { return session->length; }

tc_status tc_session_rewind(tc_session *session, size_t length) {
  if (!session)
    return TC_BAD_ARGUMENT;
  if (!tc_session_take(session))
    return TC_BUSY;
  const int inside = length > 0 && length < session->length;
  const int bad = length > session->length ||
                  (length > 0 && length < session->prefix) ||
                  (inside && session->engine->model->recurrent);
  tc_status status = bad ? TC_BAD_ARGUMENT : TC_OK;
  if (!status)
    session->length = length;
  tc_session_release(session);
  return status;
}

tc_status tc_session_set_prefix(tc_session *session, size_t length) {
  if (!session)
    return TC_BAD_ARGUMENT;
  if (!tc_session_take(session))
    return TC_BUSY;
  const tc_model *model = session->engine->model;
  tc_status status = TC_OK;
  if (model->causal != TC_PREFIX || session->length > 0)
    status = TC_BAD_ARGUMENT;
  else if (length > model->max_rows || length > model->max_outputs ||
           length > model->context)
    status = TC_TOO_LONG;
  if (!status)
    session->prefix = length;
  tc_session_release(session);
  return status;
}

tc_status tc_session_fork(tc_session *session, tc_session **out) {
  if (!session || !out)
    return TC_BAD_ARGUMENT;
  *out = NULL;
  if (!tc_session_take(session))
    return TC_BUSY;
  tc_status status = tc_session_create(session->engine, out);
  if (!status) {
    tc_memory_copy_lazily((*out)->cache, session->cache,
                          (size_t)session->engine->model->cache_bytes);
    (*out)->length = session->length;
    (*out)->source = session->source;
    (*out)->prefix = session->prefix;
  }
  tc_session_release(session);
  return status;
}

static tc_status append(tc_session *session, const int32_t *tokens,
                        const float *rows, size_t count, tc_want want,
                        float *output) {
  if (!session)
    return TC_BAD_ARGUMENT;
  const tc_entry entry = {.session = session,
                          .tokens = tokens,
                          .count = count,
                          .want = want,
                          .output = output,
                          .rows = rows};
  return tc_engine_step(session->engine, &entry, 1);
}

tc_status tc_session_append(tc_session *session, const int32_t *tokens,
                            size_t count, float *output) {
  return append(session, tokens, NULL, count,
                output ? TC_WANT_LAST : TC_WANT_NONE, output);
}

tc_status tc_session_append_all(tc_session *session, const int32_t *tokens,
                                size_t count, float *output) {
  return append(session, tokens, NULL, count, TC_WANT_ALL, output);
}

tc_status tc_session_append_rows(tc_session *session, const float *rows,
                                 size_t count, tc_want want, float *output) {
  return append(session, NULL, rows, count, want, output);
}
