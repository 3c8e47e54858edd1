/* Writes the rows that the encoder makes of each source. */
#include "runtime/program/commands.h"
#include "runtime/program/npy.h"
#include "runtime/program/output.h"

#include <stdlib.h>

tc_status encodeSources(tc_engine *engine, const sequence_list *sources,
                        tc_session **sessions, float *rows) {
  const tc_model *model = tc_engine_model(engine);
  tc_entry *entries = calloc(sources->sequences, sizeof *entries);
  size_t made = 0; /* rows of the encoder so far */
  if (!entries)
    return TC_NO_MEMORY;
  for (size_t i = 0; i < sources->sequences; ++i) {
    size_t begin = beginOf(sources, i);
    entries[i].session = sessions[i];
    entries[i].tokens = sources->tokens ? sources->tokens + begin : NULL;
    entries[i].rows =
        sources->rows ? sources->rows + begin * tc_source_size(model) : NULL;
    entries[i].count = sources->ends[i] - begin;
    entries[i].want = rows ? TC_WANT_ALL : TC_WANT_NONE;
    entries[i].output = rows ? rows + made * model->source_dim : NULL;
    made += tc_encoded_rows(model, entries[i].count);
  }
  tc_status status =
      tc_engine_encode_sources(engine, entries, sources->sequences);
  free(entries);
  return status;
}

static int writeRows(const options *options, const float *rows, size_t count,
                     size_t width) {
  tc_error error;
  output output;
  if (!openOutput(&output, options->output, &error))
    return fail(options, "%s", error.text);
  const size_t shape[] = {count, width};
  if (writeArrayHeader(output.file, shape, 2))
    fwrite(rows, sizeof *rows, count * width, output.file);
  /* The file remembers its errors. */
  return commitOutput(&output, &error) ? 0 : fail(options, "%s", error.text);
}

static int encodeList(const options *options, tc_engine *engine,
                      const sequence_list *sources) {
  const tc_model *model = tc_engine_model(engine);
  size_t count = sources->sequences, made = 0;
  for (size_t i = 0; i < count; ++i)
    made += tc_encoded_rows(model, sources->ends[i] - beginOf(sources, i));
  tc_session **sessions = calloc(count, sizeof(tc_session *));
  float *rows = calloc(made + 1, model->source_dim * sizeof *rows);
  tc_status status = sessions && rows ? TC_OK : TC_NO_MEMORY;
  for (size_t i = 0; i < count && !status; ++i)
    status = tc_session_create(engine, &sessions[i]);
  if (!status)
    status = encodeSources(engine, sources, sessions, rows);
  int result = status ? fail(options, "%s", tc_status_text(status))
                      : writeRows(options, rows, made, model->source_dim);
  for (size_t i = 0; sessions && i < count; ++i)
    tc_session_destroy(sessions[i]);
  free(sessions);
  free(rows);
  return result;
}

int encode(const options *options, const tc_model *model) {
  if (!options->source || !options->output)
    return wrongUse(options, "'encode' needs --source and -o");
  sequence_list sources;
  opened opened;
  int status = parseSources(options, model, &sources);
  if (status)
    return status;
  status = openModel(options, model, &opened);
  if (!status) {
    status = encodeList(options, opened.engine, &sources);
    closeModel(&opened);
  }
  freeSequences(&sources);
  return status;
}
