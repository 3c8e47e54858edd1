/* Continues a text, or a list of ids, and prints it as it comes. */
#include "runtime/program/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int encodePrompt(writer *writer) {
  int status = tokensOfText(writer, "prompt", writer->options->prompt,
                            writer->model->vocab, writer->model->context,
                            &writer->prompt, &writer->prompt_count);
  if (status || writer->prompt_count)
    return status;
  int32_t first = tc_tokenizer_bos(writer->tokenizer);
  if (first < 0 || (uint32_t)first >= writer->model->vocab)
    return fail(writer->options,
                "'%s' has no token that begins a text; the prompt must not "
                "be empty",
                writer->model->name);
  writer->prompt[writer->prompt_count++] = first;
  return 0;
}

static int readIds(writer *writer) {
  sequence_list list;
  int status = parseTokens(writer->options, writer->model, &list);
  if (status)
    return status;
  if (list.sequences > 1) {
    freeSequences(&list);
    return wrongUse(writer->options, "'generate' continues one sequence");
  }
  writer->prompt = list.tokens;
  writer->prompt_count = list.ends[0];
  free(list.ends);
  return 0;
}

static int prepare(writer *writer, const opened *opened) {
  int status = 0;
  if (writer->options->tokens)
    status = readIds(writer);
  else if (!(status = openTokenizer(writer->options, writer->model,
                                    opened->weights, &writer->tokenizer)))
    status = encodePrompt(writer);
  if (status)
    return status;
  if ((status = beginWriting(writer, opened->engine)) ||
      writer->model->causal != TC_PREFIX)
    return status;
  size_t said = (size_t)writer->options->prefix, all = writer->prompt_count;
  int whole = writer->options->prefix < 0 || said > all;
  tc_status set = tc_session_set_prefix(writer->session, whole ? all : said);
  return set ? fail(writer->options, "%s", tc_status_text(set)) : 0;
}

int generate(const options *options, const tc_model *model) {
  if (!tc_has_sessions(model) || model->output_dim != model->vocab)
    return wrongUse(options,
                    "'%s' does not predict the next token: generate is "
                    "impossible",
                    model->name);
  if (!options->prompt && !options->tokens)
    return wrongUse(options, "'generate' needs a prompt or --tokens");
  if (options->prompt && options->tokens)
    return wrongUse(options, "'generate' takes a prompt or --tokens, not both");
  opened opened;
  int status = openModel(options, model, &opened);
  if (status)
    return status;
  writer writer = {.options = options,
                   .model = model,
                   .echo = options->prompt,
                   .temperature = 0.8,
                   .end = -1};
  status = prepare(&writer, &opened);
  if (!status)
    status = writeTokens(&writer);
  endWriting(&writer);
  closeModel(&opened);
  return status;
}
