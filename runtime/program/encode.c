/* Writes the rows that the encoder makes of each source. */
#include "runtime/program/commands.h"

#include <stdlib.h>

tc_status encodeSources(tc_engine *engine, const sequence_list *sources,
                        tc_session **sessions, float *rows,
                        const handed *handed) {
  const tc_model *model = tc_engine_model(engine);
  size_t count = sources->sequences;
  tc_entry *entries = calloc(count, sizeof *entries);
  float **taps = calloc(count * model->tap_count + 1, sizeof *taps);
  size_t made = 0; /* rows of the encoder so far */
  float *to = handed ? handed->values : NULL;
  if (!entries || !taps) {
    free(entries);
    free(taps);
    return TC_NO_MEMORY;
  }
  for (size_t i = 0; i < count; ++i) {
    size_t begin = beginOf(sources, i);
    entries[i].session = sessions[i];
    entries[i].tokens = sources->tokens ? sources->tokens + begin : NULL;
    entries[i].rows =
        sources->rows ? sources->rows + begin * tc_source_size(model) : NULL;
    entries[i].count = sources->ends[i] - begin;
    entries[i].want = rows ? TC_WANT_ALL : TC_WANT_NONE;
    entries[i].output = rows ? rows + made * model->source_dim : NULL;
    made += tc_encoded_rows(model, entries[i].count);
    if (to) {
      const tc_tap *tap = &model->taps[handed->tap];
      entries[i].taps = taps + i * model->tap_count;
      taps[i * model->tap_count + handed->tap] = to;
      to += tc_tap_rows(model, tap, entries[i].count) * tc_tap_size(tap);
    }
  }
  tc_status status = tc_engine_encode_sources(engine, entries, count);
  free(entries);
  free(taps);
  return status;
}

/* Rows that come of all sources: of the output, or of a tap. */
static size_t countRows(const tc_model *model, const sequence_list *sources,
                        const tc_tap *tap) {
  size_t rows = 0;
  for (size_t i = 0; i < sources->sequences; ++i) {
    size_t count = sources->ends[i] - beginOf(sources, i);
    rows +=
        tap ? tc_tap_rows(model, tap, count) : tc_encoded_rows(model, count);
  }
  return rows;
}

static int writeBoth(const options *options, const tc_model *model,
                     const sequence_list *sources, const float *rows,
                     const handed *handed) {
  size_t shape[4] = {countRows(model, sources, NULL), model->source_dim};
  int status = writeArray(options, options->output, rows, shape, 2);
  if (status || !handed->path)
    return status;
  const tc_tap *tap = &model->taps[handed->tap];
  shape[0] = countRows(model, sources, tap);
  return writeArray(options, handed->path, handed->values, shape,
                    1 + tapShape(tap, shape + 1));
}

static int encodeList(const options *options, tc_engine *engine,
                      const sequence_list *sources, handed *handed) {
  const tc_model *model = tc_engine_model(engine);
  size_t count = sources->sequences;
  tc_session **sessions = calloc(count, sizeof(tc_session *));
  float *rows = calloc(countRows(model, sources, NULL) + 1,
                       model->source_dim * sizeof *rows);
  if (handed->path) {
    const tc_tap *tap = &model->taps[handed->tap];
    handed->values = calloc(countRows(model, sources, tap) + 1,
                            tc_tap_size(tap) * sizeof(float));
  }
  tc_status status = sessions && rows && (!handed->path || handed->values)
                         ? TC_OK
                         : TC_NO_MEMORY;
  for (size_t i = 0; i < count && !status; ++i)
    status = tc_session_create(engine, &sessions[i]);
  if (!status)
    status = encodeSources(engine, sources, sessions, rows, handed);
  int result = status ? fail(options, "%s", tc_status_text(status))
                      : writeBoth(options, model, sources, rows, handed);
  for (size_t i = 0; sessions && i < count; ++i)
    tc_session_destroy(sessions[i]);
  free(sessions);
  free(rows);
  free(handed->values);
  return result;
}

int encode(const options *options, const tc_model *model) {
  if (!options->source || !options->output)
    return wrongUse(options, "'encode' needs --source and -o");
  handed handed = {0};
  if (options->tap && !(handed.path = findTap(options, model, &handed.tap)))
    return 2;
  sequence_list sources;
  opened opened;
  int status = parseSources(options, model, &sources);
  if (status)
    return status;
  status = openModel(options, model, &opened);
  if (!status) {
    status = encodeList(options, opened.engine, &sources, &handed);
    closeModel(&opened);
  }
  freeSequences(&sources);
  return status;
}
