/* Writes what a source becomes: the decoder begins with its start token, or
 * with the tokens said, and writes until its end token. */
#include "runtime/program/writer.h"

#include <stdlib.h>

/* Ids become ids; what is heard or seen becomes a text, in which marks of
 * languages, tasks and times are no words. */
static int openTokenizerOfText(writer *writer, const opened *opened) {
  size_t bytes;
  if (writer->model->source_input == TC_INPUT_TOKENS ||
      !tc_weights_tokenizer(opened->weights, &bytes))
    return 0;
  writer->hides_added = 1;
  return openTokenizer(writer->options, writer->model, opened->weights,
                       &writer->tokenizer);
}

static int readSource(writer *writer, const opened *opened,
                      sequence_list *source) {
  const options *options = writer->options;
  const tc_model *model = writer->model;
  if (options->source) {
    int status = parseSources(options, model, source);
    if (!status && source->sequences != 1)
      status = wrongUse(options, "'translate' takes one source");
    return status ? status : openTokenizerOfText(writer, opened);
  }
  int status =
      openTokenizer(options, model, opened->weights, &writer->tokenizer);
  source->ends = calloc(1, sizeof *source->ends);
  source->sequences = 1;
  if (!status && !source->ends)
    return fail(options, "out of memory");
  if (!status)
    status =
        tokensOfText(writer, "source", options->prompt, model->source_vocab,
                     model->source_context, &source->tokens, source->ends);
  if (!status && source->ends[0] == 0)
    return fail(options, "the source has no tokens");
  return status;
}

static int readStart(writer *writer) {
  const options *options = writer->options;
  const tc_model *model = writer->model;
  writer->end = model->end_token;
  if (!options->tokens) {
    int32_t first = model->start_token;
    if (first < 0 && writer->tokenizer)
      first = tc_tokenizer_bos(writer->tokenizer);
    if (first < 0 || (uint32_t)first >= model->vocab)
      return fail(options,
                  "it is not known with which token '%s' starts; say it with "
                  "--tokens",
                  model->name);
    writer->prompt = malloc(sizeof *writer->prompt);
    if (!writer->prompt)
      return fail(options, "out of memory");
    writer->prompt[writer->prompt_count++] = first;
    return 0;
  }
  sequence_list list;
  int status = parseTokens(options, model, &list);
  if (status)
    return status;
  writer->prompt = list.tokens;
  writer->prompt_count = list.ends[list.sequences - 1];
  free(list.ends);
  return list.sequences == 1
             ? 0
             : wrongUse(options, "'translate' begins one sequence");
}

int translate(const options *options, const tc_model *model) {
  if (!model->causal || model->output_dim != model->vocab)
    return wrongUse(options,
                    "'%s' does not predict the next token: translate is "
                    "impossible",
                    model->name);
  int tokens = model->source_input == TC_INPUT_TOKENS;
  if (!options->prompt == !options->source || (options->prompt && !tokens))
    return wrongUse(options, tokens ? "'translate' takes a text or --source"
                                    : "'translate' takes --source FILE.npy");
  opened opened;
  int status = openModel(options, model, &opened);
  if (status)
    return status;
  writer writer = {.options = options, .model = model};
  sequence_list source = {0};
  status = readSource(&writer, &opened, &source);
  if (!status)
    status = readStart(&writer);
  if (!status)
    status = beginWriting(&writer, opened.engine);
  if (!status) {
    tc_status read =
        encodeSources(opened.engine, &source, &writer.session, NULL, NULL);
    status =
        read ? fail(options, "%s", tc_status_text(read)) : writeTokens(&writer);
  }
  endWriting(&writer);
  freeSequences(&source);
  closeModel(&opened);
  return status;
}
