/* Models whose decoder has rows of its own: each input is read by the encoder,
 * then all rows are computed, in caches that are needed only so long. */
#include "runtime/draft.h"

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/* Of the inputs whose caches are in the first `count` slots. */
static void runSlots(tc_engine *engine, const tc_entry *entries, size_t count) {
  const tc_model *model = engine->model;
  tc_draft step = tc_draft_of(engine);
  size_t rows = model->queries;
  for (size_t i = 0; i < count; ++i) {
    const tc_entry *entry = &entries[i];
    if (rows > model->max_rows - step.rows ||
        rows > model->max_outputs - step.outputs)
      tc_draft_run(&step);
    size_t first = step.rows;
    tc_draft_taps(&step, entry->taps, 0, rows);
    tc_draft_rows(&step, NULL, rows, 0,
                  engine->slots + i * tc_slot_stride(model),
                  tc_encoded_rows(model, entry->count));
    size_t wanted = entry->want == TC_WANT_ALL    ? rows
                    : entry->want == TC_WANT_LAST ? 1
                                                  : 0;
    for (size_t row = 0; row < wanted; ++row)
      tc_draft_output(&step, first + rows - wanted + row,
                      entry->output + row * model->output_dim);
  }
  tc_draft_run(&step);
}

void tc_queries_run(tc_engine *engine, const tc_entry *entries, size_t count) {
  for (size_t done = 0; done < count;) {
    size_t now = smaller(engine->slot_count, count - done);
    tc_draft_sources(engine, entries + done, now);
    runSlots(engine, entries + done, now);
    done += now;
  }
}
