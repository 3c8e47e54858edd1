/* Writes the output row of every token. */
#include "runtime/program/commands.h"

/* A source of each sequence, for models that have them. */
static int readAllSources(const options *options, const tc_model *model,
                          size_t sequences, sequence_list *sources) {
  if (!tc_has_sources(model))
    return 0;
  if (!options->source)
    return wrongUse(options, "'%s' translates: 'logits' needs --source, too",
                    model->name);
  int status = parseSources(options, model, sources);
  if (!status && sources->sequences != sequences)
    return wrongUse(options,
                    "%zu sequences of --tokens need as many of "
                    "--source, not %zu",
                    sequences, sources->sequences);
  return status;
}

int logits(const options *options, const tc_model *model) {
  if (!options->tokens || !options->output)
    return wrongUse(options, "'logits' needs --tokens and -o");
  sequence_list list, sources = {0};
  int status = parseTokens(options, model, &list);
  if (status)
    return status;
  status = readAllSources(options, model, list.sequences, &sources);
  if (!status)
    status = parseTypes(options, model, &list);
  if (!status)
    status = writeOutputs(options, model, &list, &sources,
                          &list.ends[list.sequences - 1], 1);
  freeSequences(&sources);
  freeSequences(&list);
  return status;
}
