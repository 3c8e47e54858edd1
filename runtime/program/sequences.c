/* Writes the output row of every token or row of some sequences, piece by
 * piece, so that memory holds one piece of each sequence only. */
#include "runtime/program/commands.h"
#include "runtime/program/npy.h"
#include "runtime/program/output.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A file of as many floats for each row: the output's, then the tap's. */
typedef struct sink {
  output output;
  size_t header; /* bytes; 0: an error, which the file remembers */
  size_t width;  /* floats of a row */
  float *values; /* one piece of every sequence */
} sink;

enum { OUTPUT, TAP, SINKS };

typedef struct work {
  const options *options;
  const tc_model *model;
  const sequence_list *list;
  const sequence_list *sources; /* empty for models without */
  tc_engine *engine;
  tc_session **sessions; /* all null for models without sessions */
  tc_entry *entries;
  size_t (*places)[SINKS]; /* row of each file where an entry's go */
  size_t piece;            /* most rows of a sequence in one piece */
  sink sinks[SINKS];
  size_t sink_count;
  uint32_t tap; /* which one */
  float **taps; /* [sequences][tap_count]: tc_entry.taps */
} work;

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/* Rows of the file that come of a sequence, or a piece of it, of so many. */
static size_t rowsOf(const work *work, int which, size_t count) {
  if (which == OUTPUT)
    return tc_entry_outputs(work->model, count);
  return work->model->tap_count
             ? tc_tap_rows(work->model, &work->model->taps[work->tap], count)
             : 0;
}

/* Fills the entries with the pieces that start at row `done` of each
 * sequence; their number. */
static size_t fillPieces(work *work, size_t done) {
  const sequence_list *list = work->list;
  const tc_model *model = work->model;
  size_t entries = 0, row = 0, output = 0, place = 0, tapPlace = 0;
  for (size_t i = 0; i < list->sequences; ++i) {
    size_t first = beginOf(list, i) + done;
    size_t count = list->ends[i] - beginOf(list, i);
    if (count > done) {
      size_t left = count - done;
      tc_entry *entry = &work->entries[entries];
      entry->session = work->sessions[i];
      entry->tokens = list->tokens ? list->tokens + first : NULL;
      entry->rows =
          list->rows ? list->rows + first * tc_input_size(model) : NULL;
      entry->types = list->types ? list->types + first : NULL;
      entry->count = smaller(left, work->piece);
      entry->want = TC_WANT_ALL;
      entry->output =
          work->sinks[OUTPUT].values + output * work->sinks[OUTPUT].width;
      if (work->sink_count > TAP) {
        float **taps = work->taps + entries * model->tap_count;
        taps[work->tap] =
            work->sinks[TAP].values + row * work->sinks[TAP].width;
        entry->taps = taps;
      }
      work->places[entries][OUTPUT] = place + done;
      work->places[entries++][TAP] = tapPlace + done;
      output += tc_entry_outputs(model, entry->count);
      row += rowsOf(work, TAP, entry->count);
    }
    place += tc_entry_outputs(model, count);
    tapPlace += rowsOf(work, TAP, count);
  }
  return entries;
}

static int writePiece(const work *work, size_t i, int which) {
  const sink *sink = &work->sinks[which];
  const tc_entry *entry = &work->entries[i];
  size_t rows = rowsOf(work, which, entry->count);
  const float *values = which == TAP ? entry->taps[work->tap] : entry->output;
  size_t row = sink->width * sizeof(float);
  off_t offset = (off_t)(sink->header + work->places[i][which] * row);
  /* One sequence is written in order, also to what cannot be rewound. */
  if (work->list->sequences > 1 &&
      fseeko(sink->output.file, offset, SEEK_SET) != 0)
    return 0;
  return fwrite(values, row, rows, sink->output.file) == rows;
}

/* The file remembers its error. */
static int writePieces(const work *work, size_t entries) {
  int good = 1;
  for (size_t which = 0; which < work->sink_count && good; ++which)
    for (size_t i = 0; i < entries && good; ++i)
      good = writePiece(work, i, (int)which);
  return good;
}

static void abandon(work *work, size_t from) {
  for (size_t which = from; which < work->sink_count; ++which)
    abandonOutput(&work->sinks[which].output);
}

static int writeAll(work *work) {
  tc_error error;
  size_t entries, headers = 1;
  for (size_t which = 0; which < work->sink_count; ++which)
    headers = headers && work->sinks[which].header;
  for (size_t done = 0; headers && (entries = fillPieces(work, done)) > 0;
       done += work->piece) {
    tc_status status = tc_engine_step(work->engine, work->entries, entries);
    if (status) {
      abandon(work, 0);
      return fail(work->options, "%s", tc_status_text(status));
    }
    if (!writePieces(work, entries))
      break;
  }
  for (size_t which = 0; which < work->sink_count; ++which)
    if (!commitOutput(&work->sinks[which].output, &error)) {
      abandon(work, which + 1);
      return fail(work->options, "%s", error.text);
    }
  return 0;
}

static int prepare(work *work) {
  const tc_model *model = work->model;
  size_t sequences = work->list->sequences, longest = 1;
  for (size_t i = 0; i < sequences; ++i) {
    size_t count = work->list->ends[i] - beginOf(work->list, i);
    longest = count > longest ? count : longest;
  }
  work->piece = work->options->cut > 0 ? (size_t)work->options->cut
                : model->causal        ? model->max_rows
                                       : longest;
  if (work->piece > longest)
    work->piece = longest;
  work->sessions = calloc(sequences, sizeof *work->sessions);
  work->entries = calloc(sequences, sizeof *work->entries);
  work->places = calloc(sequences, sizeof *work->places);
  work->taps = calloc(sequences * model->tap_count + 1, sizeof *work->taps);
  if (!work->sessions || !work->entries || !work->places || !work->taps)
    return fail(work->options, "out of memory");
  for (size_t which = 0; which < work->sink_count; ++which) {
    sink *sink = &work->sinks[which];
    size_t most = rowsOf(work, (int)which, work->piece);
    sink->values = calloc(sequences * (most ? most : 1) * sink->width,
                          sizeof *sink->values);
    if (!sink->values)
      return fail(work->options, "out of memory");
  }
  for (size_t i = 0; i < sequences && tc_has_sessions(model); ++i) {
    tc_status status = tc_session_create(work->engine, &work->sessions[i]);
    size_t count = work->list->ends[i] - beginOf(work->list, i);
    if (!status && work->options->prefix > 0)
      status = tc_session_set_prefix(
          work->sessions[i], smaller((size_t)work->options->prefix, count));
    if (status)
      return fail(work->options, "%s", tc_status_text(status));
  }
  tc_status status = tc_has_sources(model)
                         ? encodeSources(work->engine, work->sources,
                                         work->sessions, NULL, NULL)
                         : TC_OK;
  return status ? fail(work->options, "%s", tc_status_text(status)) : 0;
}

static void release(work *work) {
  for (size_t i = 0; work->sessions && i < work->list->sequences; ++i)
    tc_session_destroy(work->sessions[i]);
  free(work->sessions);
  free(work->entries);
  free(work->places);
  free(work->taps);
  for (size_t which = 0; which < SINKS; ++which)
    free(work->sinks[which].values);
}

/* Opens the next sink's file for rows of `width` floats. */
static int openSink(work *work, const char *path, size_t width,
                    const size_t *shape, size_t dimensions) {
  tc_error error;
  sink *sink = &work->sinks[work->sink_count];
  if (!openOutput(&sink->output, path, &error)) {
    abandon(work, 0);
    return fail(work->options, "%s", error.text);
  }
  ++work->sink_count;
  sink->width = width;
  sink->header = writeArrayHeader(sink->output.file, shape, dimensions);
  return 0;
}

/* Rows of the file: of the first sequence, or of all. */
static size_t madeRows(const work *work, int which, int first) {
  size_t rows = 0;
  for (size_t i = 0; i < (first ? 1 : work->list->sequences); ++i)
    rows += rowsOf(work, which, work->list->ends[i] - beginOf(work->list, i));
  return rows;
}

/* Rows as those of the output, or all of a pooled one's. */
static int openTap(work *work, const char *path, const size_t *outer,
                   size_t dimensions) {
  const tc_model *model = work->model;
  const tc_tap *tap = &model->taps[work->tap];
  size_t shape[NPY_DIMENSIONS];
  memcpy(shape, outer, dimensions * sizeof *shape);
  if (tap->made || model->queries)
    shape[dimensions - 1] = madeRows(work, TAP, dimensions == 2);
  dimensions += tapShape(tap, shape + dimensions);
  return openSink(work, path, tc_tap_size(tap), shape, dimensions);
}

static int openSinks(work *work, const char *tap_path, const size_t *outer,
                     size_t dimensions) {
  const tc_model *model = work->model;
  size_t shape[NPY_DIMENSIONS], last = dimensions;
  memcpy(shape, outer, dimensions * sizeof *shape);
  if (model->queries && (dimensions == 2 || work->list->sequences == 1))
    shape[dimensions - 1] = model->queries;
  else if (model->queries)
    shape[0] = work->list->sequences * model->queries;
  else if (model->pooled && dimensions == 2)
    last = 1; /* one row a sequence: the first dimension's */
  else if (model->pooled)
    shape[0] = work->list->sequences;
  else if (model->windows_count && !model->encode)
    shape[last - 1] = madeRows(work, OUTPUT, dimensions == 2);
  shape[last++] = model->output_dim;
  int status =
      openSink(work, work->options->output, model->output_dim, shape, last);
  if (!status && tap_path)
    status = openTap(work, tap_path, outer, dimensions);
  return status;
}

int writeOutputs(const options *options, const tc_model *model,
                 const sequence_list *list, const sequence_list *sources,
                 const size_t *shape, size_t dimensions) {
  opened opened;
  work work = {
      .options = options, .model = model, .list = list, .sources = sources};
  const char *tap_path = NULL;
  if (options->cut > 0 && !model->causal)
    return wrongUse(options, "'%s' takes sequences whole: --cut is impossible",
                    model->name);
  if (options->tap && !(tap_path = findTap(options, model, &work.tap)))
    return 2;
  if (options->cut > 0 && options->cut < options->prefix)
    return wrongUse(options,
                    "pieces of %" PRId64 " rows cut the prefix of %" PRId64,
                    options->cut, options->prefix);
  int status = openModel(options, model, &opened);
  if (status)
    return status;
  work.engine = opened.engine;
  status = openSinks(&work, tap_path, shape, dimensions);
  if (!status) {
    status = prepare(&work);
    if (status)
      abandon(&work, 0);
    else
      status = writeAll(&work);
  }
  release(&work);
  closeModel(&opened);
  return status;
}

void freeSequences(sequence_list *list) {
  free(list->tokens);
  free(list->rows);
  free(list->types);
  free(list->ends);
  memset(list, 0, sizeof *list);
}
