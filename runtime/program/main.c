/* One function for all made programs. */
#include "runtime/program/commands.h"
#include "runtime/program/program.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#ifndef TRANSFORMER_VERSION
#define TRANSFORMER_VERSION "unknown version"
#endif

static int dispatch(const options *options, const tc_model *model) {
  switch (options->command) {
  case COMMAND_GENERATE:
    return generate(options, model);
  case COMMAND_LOGITS:
    return logits(options, model);
  case COMMAND_RUN:
    return run(options, model);
  case COMMAND_PERPLEXITY:
    return perplexity(options, model);
  case COMMAND_BENCH:
    return bench(options, model);
  case COMMAND_INFO:
    return info(options, model);
  case COMMAND_TRANSLATE:
    return translate(options, model);
  case COMMAND_ENCODE:
    return encode(options, model);
  }
  return 2;
}

int tc_program_main(const tc_model *model, int argc, char **argv) {
  options options;
  int status = parseOptions(&options, model, argc, argv);
  if (status)
    return status;
  if (options.help)
    printHelp(&options, model);
  else if (options.version)
    printf("%s, compiled for %s by transformer-compile %s\n", model->name,
           model->target, TRANSFORMER_VERSION);
  else
    status = dispatch(&options, model);
  /* A full disk shows only here. */
  if ((fflush(stdout) != 0 || ferror(stdout)) && status == 0)
    return fail(&options, "standard output cannot be written: %s",
                strerror(errno));
  return status;
}
