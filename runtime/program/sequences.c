/* Writes the output row of every token or row of some sequences, piece by
 * piece, so that memory holds one piece of each sequence only. */
#include "runtime/program/commands.h"
#include "runtime/program/npy.h"
#include "runtime/program/output.h"

#include <stdlib.h>
#include <string.h>

typedef struct work {
  const options *options;
  const tc_model *model;
  const sequence_list *list;
  const sequence_list *sources; /* empty for models without */
  tc_engine *engine;
  tc_session **sessions; /* all null for models without sessions */
  tc_entry *entries;
  size_t *places; /* row of the file where each entry's output goes */
  size_t piece;   /* most rows of a sequence in one piece */
  float *rows;    /* one piece of every sequence */
} work;

static size_t outputRows(const tc_model *model, size_t rows) {
  return model->pooled ? 1 : rows;
}

size_t countOutputs(const tc_model *model, const sequence_list *list) {
  size_t rows = 0;
  for (size_t i = 0; i < list->sequences; ++i)
    rows += outputRows(model, list->ends[i] - beginOf(list, i));
  return rows;
}

/* Fills the entries with the pieces that start at row `done` of each
 * sequence; their number. */
static size_t fillPieces(work *work, size_t done) {
  const sequence_list *list = work->list;
  size_t entries = 0, row = 0, place = 0;
  for (size_t i = 0; i < list->sequences; ++i) {
    size_t count = list->ends[i] - beginOf(list, i);
    if (count > done) {
      size_t left = count - done;
      tc_entry *entry = &work->entries[entries];
      entry->session = work->sessions[i];
      size_t first = beginOf(list, i) + done;
      entry->tokens = list->tokens ? list->tokens + first : NULL;
      entry->rows =
          list->rows ? list->rows + first * tc_input_size(work->model) : NULL;
      entry->count = left < work->piece ? left : work->piece;
      entry->want = TC_WANT_ALL;
      entry->output = work->rows + row * work->model->output_dim;
      work->places[entries++] = place + done;
      row += outputRows(work->model, entry->count);
    }
    place += outputRows(work->model, count);
  }
  return entries;
}

static int writePieces(const work *work, size_t entries, size_t header,
                       FILE *file) {
  size_t width = work->model->output_dim;
  for (size_t i = 0; i < entries; ++i) {
    size_t values = outputRows(work->model, work->entries[i].count) * width;
    off_t offset = (off_t)(header + work->places[i] * width * sizeof(float));
    /* One sequence is written in order, also to what cannot be rewound. */
    if ((work->list->sequences > 1 && fseeko(file, offset, SEEK_SET) != 0) ||
        fwrite(work->entries[i].output, sizeof(float), values, file) != values)
      return 0;
  }
  return 1;
}

static int writeAll(work *work, const size_t *shape, size_t dimensions) {
  tc_error error;
  output output;
  if (!openOutput(&output, work->options->output, &error))
    return fail(work->options, "%s", error.text);
  size_t header = writeArrayHeader(output.file, shape, dimensions);
  size_t entries;
  for (size_t done = 0; header && (entries = fillPieces(work, done)) > 0;
       done += work->piece) {
    tc_status status = tc_engine_step(work->engine, work->entries, entries);
    if (status) {
      abandonOutput(&output);
      return fail(work->options, "%s", tc_status_text(status));
    }
    if (!writePieces(work, entries, header, output.file))
      break; /* the file remembers its error */
  }
  if (!commitOutput(&output, &error))
    return fail(work->options, "%s", error.text);
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
  work->rows =
      calloc(sequences * work->piece * model->output_dim, sizeof *work->rows);
  if (!work->sessions || !work->entries || !work->places || !work->rows)
    return fail(work->options, "out of memory");
  for (size_t i = 0; i < sequences && tc_has_sessions(model); ++i) {
    tc_status status = tc_session_create(work->engine, &work->sessions[i]);
    if (status)
      return fail(work->options, "%s", tc_status_text(status));
  }
  tc_status status =
      tc_has_sources(model)
          ? encodeSources(work->engine, work->sources, work->sessions, NULL)
          : TC_OK;
  return status ? fail(work->options, "%s", tc_status_text(status)) : 0;
}

static void release(work *work) {
  for (size_t i = 0; work->sessions && i < work->list->sequences; ++i)
    tc_session_destroy(work->sessions[i]);
  free(work->sessions);
  free(work->entries);
  free(work->places);
  free(work->rows);
}

int writeOutputs(const options *options, const tc_model *model,
                 const sequence_list *list, const sequence_list *sources,
                 const size_t *shape, size_t dimensions) {
  opened opened;
  if (options->cut > 0 && !model->causal)
    return wrongUse(options, "'%s' takes sequences whole: --cut is impossible",
                    model->name);
  int status = openModel(options, model, &opened);
  if (status)
    return status;
  work work = {.options = options,
               .model = model,
               .list = list,
               .sources = sources,
               .engine = opened.engine};
  status = prepare(&work);
  if (!status)
    status = writeAll(&work, shape, dimensions);
  release(&work);
  closeModel(&opened);
  return status;
}

void freeSequences(sequence_list *list) {
  free(list->tokens);
  free(list->rows);
  free(list->ends);
  memset(list, 0, sizeof *list);
}
