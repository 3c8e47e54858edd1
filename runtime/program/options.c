/* One table says each option's name, value, range, commands and help. */
#include "runtime/program/options.h"
#include "runtime/cpu.h"
#include "runtime/pool.h"
#include "runtime/session.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  G = COMMAND_GENERATE,
  L = COMMAND_LOGITS,
  R = COMMAND_RUN,
  B = COMMAND_BENCH,
  I = COMMAND_INFO,
  P = COMMAND_PERPLEXITY,
  T = COMMAND_TRANSLATE,
  E = COMMAND_ENCODE,
  ALL = G | L | R | B | I | P | T | E,
  NOT_OF = 256, /* not of models whose input is the one shifted by */
  NOT_TOKENS = NOT_OF << TC_INPUT_TOKENS,
  NOT_REALS = NOT_OF << TC_INPUT_REALS,
  NOT_ROWS = NOT_OF << TC_INPUT_ROWS,
  TOKENS_ONLY = NOT_REALS | NOT_ROWS,
  SOURCES_ONLY = 2048, /* only of models with sources beside their tokens */
  PREFIX_ONLY = 4096,  /* only of models whose rows may see a prefix */
  TYPES_ONLY = 8192    /* only of models whose rows have types */
};

static const char *const inputs[] = {"tokens", "real values",
                                     "rows of real values"};

typedef enum kind { SWITCH, INTEGER, REAL, TEXT } kind;

typedef struct option {
  const char *name;
  char letter;
  kind kind;
  size_t offset;
  double least, most;
  int commands;
  const char *value, *help;
} option;

#define AT(field) offsetof(options, field)
static const option table[] = {
    {"count", 'n', INTEGER, AT(count), 0, INT32_MAX, G | T | TOKENS_ONLY, "N",
     "tokens to generate (256)"},
    {"temperature", 0, REAL, AT(temperature), 0, 1000, G | T | TOKENS_ONLY, "X",
     "0: always the likeliest (0.8, to translate 0)"},
    {"top-k", 0, INTEGER, AT(topK), 0, INT32_MAX, G | T | TOKENS_ONLY, "K",
     "choose among the K likeliest; 0: all (0)"},
    {"top-p", 0, REAL, AT(topP), 0, 1, G | T | TOKENS_ONLY, "P",
     "choose among the likeliest of total probability P (0.95)"},
    {"seed", 0, INTEGER, AT(seed), 0, 9007199254740992.0, G | T | B, "N",
     "the same seed gives the same result (1)"},
    {"tokens", 0, TEXT, AT(tokens), 0, 0, G | L | T | TOKENS_ONLY, "1,2,3",
     "token ids in place of a text; logits: more sequences after ';'"},
    {"source", 0, TEXT, AT(source), 0, 0, L | T | E | SOURCES_ONLY, "1,2,3",
     "ids of the source, of each sequence one; translate: in place of a text; "
     "or FILE.npy, where it is an image or rows"},
    {"text", 0, TEXT, AT(text), 0, 0, P | TOKENS_ONLY, "FILE",
     "what to predict, in chunks as long as the context"},
    {"cut", 0, INTEGER, AT(cut), 1, INT32_MAX, L | R | NOT_REALS, "N",
     "feed the tokens or rows in pieces of N"},
    {"prefix", 0, INTEGER, AT(prefix), 0, INT32_MAX,
     G | L | R | NOT_REALS | PREFIX_ONLY, "N",
     "first tokens or rows that see each other (0; generate: the prompt)"},
    {"input", 0, TEXT, AT(input), 0, 0, R | NOT_TOKENS, "FILE.npy",
     "one input, or several along the first dimension"},
    {"lengths", 0, TEXT, AT(lengths), 0, 0, R | NOT_TOKENS | NOT_REALS, "3,5",
     "rows of each sequence, where they follow one another"},
    {"types", 0, TEXT, AT(types), 0, 0, L | R | TYPES_ONLY, "0,0,1",
     "the type of each row; more sequences or inputs after ';' (all 0)"},
    {"tap", 0, TEXT, AT(tap), 0, 0, L | R | E, "NAME=FILE.npy",
     "where what that tap hands out goes"},
    {"output", 'o', TEXT, AT(output), 0, 0, L | R | E, "FILE.npy",
     "where the float32 result goes"},
    {"prefill", 0, INTEGER, AT(prefill), 1, INT32_MAX, B | NOT_REALS, "N",
     "tokens or rows of the prompt (512, or half the context)"},
    {"decode", 0, INTEGER, AT(decode), 0, INT32_MAX, B | NOT_REALS, "N",
     "one by one after it (128, or a quarter)"},
    {"sessions", 0, INTEGER, AT(sessions), 1, 4096, B | NOT_REALS, "N",
     "sequences that share each step (1)"},
    {"batch", 0, INTEGER, AT(batch), 1, 1 << 20, B | NOT_TOKENS | NOT_ROWS, "N",
     "inputs at once (1)"},
    {"repeat", 0, INTEGER, AT(repeat), 1, 1 << 20, B, "N",
     "measurements; the median counts (3)"},
    {"profile", 0, SWITCH, AT(profile), 0, 0, B, "",
     "print the time of each kernel (compiled with --profile)"},
    {"trace", 0, TEXT, AT(trace), 0, 0, B, "FILE.json",
     "profile, and write what ran when, for Perfetto"},
    {"json", 0, SWITCH, AT(json), 0, 0, B | I | P, "", "print one JSON object"},
    {"threads", 0, INTEGER, AT(threads), 1, TC_MAX_THREADS,
     G | L | R | B | P | T | E, "T", "threads to compute with (one a CPU)"},
    {"pin", 0, SWITCH, AT(pin), 0, 0, G | L | R | B | P | T | E, "",
     "keep each thread on a CPU of its own: for an idle machine"},
    {"weights", 0, TEXT, AT(weights), 0, 0, ALL, "FILE",
     "weights file (the program's path + .weights)"},
    {"check-weights", 0, SWITCH, AT(checkWeights), 0, 0, ALL, "",
     "check the data of large files too (of 1 GB or more)"},
    {"help", 'h', SWITCH, AT(help), 0, 0, ALL, "", "print this"},
    {"version", 0, SWITCH, AT(version), 0, 0, ALL, "", "print the version"},
};
enum { OPTIONS = sizeof table / sizeof *table };

static const struct {
  const char *name, *usage, *help;
  command command;
  int without; /* NOT_* */
  int sources; /* 1: only models that have sources, 0: only others, -1: any */
} commands[] = {
    {"generate", "[generate] \"prompt\"", "continue a text", COMMAND_GENERATE,
     TOKENS_ONLY, 0},
    {"translate", "[translate] \"source\"", "write what a source becomes",
     COMMAND_TRANSLATE, TOKENS_ONLY, 1},
    {"encode", "encode --source 1,2,3 -o out.npy",
     "write the encoder's row of every token", COMMAND_ENCODE, TOKENS_ONLY, 1},
    {"logits", "logits --tokens 1,2,3 -o out.npy",
     "write the output row of every token", COMMAND_LOGITS, TOKENS_ONLY, -1},
    {"run", "run --input in.npy -o out.npy", "write the output of each input",
     COMMAND_RUN, NOT_TOKENS, -1},
    {"perplexity", "perplexity --text FILE [--json]",
     "measure how well a text is predicted", COMMAND_PERPLEXITY, TOKENS_ONLY,
     0},
    {"bench", "bench [--json]", "measure the speed", COMMAND_BENCH, 0, -1},
    {"info", "info [--json]", "print sizes and what the model was compiled for",
     COMMAND_INFO, 0, -1},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

/* ---- Messages ------------------------------------------------------------ */

static void printError(const options *options, const char *format,
                       va_list arguments) {
  fflush(stdout);
  fprintf(stderr, "%s: error: ", options->program);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
}

int fail(const options *options, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  printError(options, format, arguments);
  va_end(arguments);
  return 1;
}

int wrongUse(const options *options, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  printError(options, format, arguments);
  va_end(arguments);
  fprintf(stderr, "try '%s --help'\n", options->program);
  return 2;
}

/* Edit distance of two words, or 100 when they are long. */
static int distance(const char *a, const char *b) {
  enum { MOST = 24 };
  size_t n = strlen(a), m = strlen(b);
  if (n > MOST || m > MOST)
    return 100;
  int row[MOST + 1];
  for (size_t j = 0; j <= m; ++j)
    row[j] = (int)j;
  for (size_t i = 1; i <= n; ++i) {
    int diagonal = row[0];
    row[0] = (int)i;
    for (size_t j = 1; j <= m; ++j) {
      int best = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      if (row[j] + 1 < best)
        best = row[j] + 1;
      if (row[j - 1] + 1 < best)
        best = row[j - 1] + 1;
      row[j] = best;
    }
  }
  return row[m];
}

static int unknownOption(const options *options, const char *name) {
  const char *nearest = NULL;
  int least = 3;
  for (int i = 0; i < OPTIONS; ++i) {
    int far = distance(name, table[i].name);
    if (far < least) {
      least = far;
      nearest = table[i].name;
    }
  }
  if (nearest)
    return wrongUse(options, "unknown option '--%s'; did you mean '--%s'?",
                    name, nearest);
  return wrongUse(options, "unknown option '--%s'", name);
}

/* ---- Parsing ------------------------------------------------------------- */

static int setNumber(options *options, const option *option, const char *said) {
  char *end;
  errno = 0;
  double number = strtod(said, &end);
  int64_t integer = 0;
  int bad = *said == 0 || isspace((unsigned char)*said) || *end || errno ||
            !(number >= option->least && number <= option->most);
  if (!bad && option->kind == INTEGER) {
    integer = strtoll(said, &end, 10);
    bad = *end != 0 || errno;
  }
  if (bad)
    return wrongUse(options, "'--%s' takes %s from %.0f to %.0f, not '%s'",
                    option->name,
                    option->kind == INTEGER ? "an integer" : "a number",
                    option->least, option->most, said);
  if (option->kind == INTEGER)
    *(int64_t *)((char *)options + option->offset) = integer;
  else
    *(double *)((char *)options + option->offset) = number;
  return 0;
}

static int setOption(options *options, const option *option,
                     const char *value) {
  switch (option->kind) {
  case SWITCH:
    *(int64_t *)((char *)options + option->offset) = 1;
    return 0;
  case TEXT:
    *(const char **)((char *)options + option->offset) = value;
    return 0;
  default:
    return setNumber(options, option, value);
  }
}

static const option *findOption(const char *name, size_t length, char letter) {
  for (int i = 0; i < OPTIONS; ++i)
    if (name ? strlen(table[i].name) == length &&
                   memcmp(table[i].name, name, length) == 0
             : table[i].letter && table[i].letter == letter)
      return &table[i];
  return NULL;
}

/* The option at argv[*at]; moves *at to its last word. */
static int parseOption(options *options, int *used, int argc, char **argv,
                       int *at) {
  const char *word = argv[*at], *value = NULL;
  const option *found;
  if (word[1] == '-') {
    const char *equals = strchr(word, '=');
    size_t length = equals ? (size_t)(equals - word - 2) : strlen(word + 2);
    found = findOption(word + 2, length, 0);
    if (!found) {
      char name[64];
      snprintf(name, sizeof name, "%.*s", length < 63 ? (int)length : 63,
               word + 2);
      return unknownOption(options, name);
    }
    value = equals ? equals + 1 : NULL;
  } else {
    found = findOption(NULL, 0, word[1]);
    if (!found)
      return wrongUse(options, "unknown option '%s'", word);
    value = word[2] ? word + 2 : NULL;
  }
  if (found->kind == SWITCH && value)
    return wrongUse(options, "'--%s' takes no value", found->name);
  if (found->kind != SWITCH && !value) {
    if (*at + 1 == argc)
      return wrongUse(options, "'%s' needs a value", word);
    value = argv[++*at];
  }
  used[found - table] = 1;
  return setOption(options, found, value);
}

static const char *commandName(command command) {
  for (int i = 0; i < COMMANDS; ++i)
    if (commands[i].command == command)
      return commands[i].name;
  return "";
}

/* The first free word is a command or a prompt; then a prompt may follow. */
static int parseWord(options *options, const char *word, int isFirst) {
  for (int i = 0; isFirst && i < COMMANDS; ++i)
    if (strcmp(word, commands[i].name) == 0) {
      options->command = commands[i].command;
      return 0;
    }
  if (options->prompt)
    return wrongUse(options,
                    "unexpected '%s' after the prompt; put quotes "
                    "around a text of several words",
                    word);
  options->prompt = word;
  return 0;
}

/* Whether the command at `i` of the table is for the model. */
static int isOffered(int i, const tc_model *model) {
  return !(commands[i].without & NOT_OF << model->input) &&
         (commands[i].sources < 0 ||
          commands[i].sources == tc_has_sources(model));
}

/* Whether an option is said of such models. */
static int isFor(const option *option, const tc_model *model) {
  int excluded = NOT_OF << model->input;
  if (!tc_has_sources(model))
    excluded |= SOURCES_ONLY;
  if (model->causal != TC_PREFIX)
    excluded |= PREFIX_ONLY;
  if (!model->types)
    excluded |= TYPES_ONLY;
  return !(option->commands & excluded);
}

static int checkCommand(const options *options, const tc_model *model,
                        const int *used) {
  const char *name = commandName(options->command);
  int without = NOT_OF << model->input;
  for (int i = 0; i < COMMANDS; ++i)
    if (commands[i].command == options->command &&
        (commands[i].without & without))
      return wrongUse(
          options, "'%s' needs a model that takes %s; '%s' takes %s", name,
          inputs[commands[i].without & NOT_TOKENS ? TC_INPUT_REALS
                                                  : TC_INPUT_TOKENS],
          model->name, inputs[model->input]);
  for (int i = 0; i < COMMANDS; ++i)
    if (commands[i].command == options->command && !isOffered(i, model))
      return wrongUse(options, "'%s' needs a model %s an encoder: '%s' has %s",
                      name, commands[i].sources ? "with" : "without",
                      model->name, commands[i].sources ? "none" : "one");
  for (int i = 0; i < OPTIONS; ++i)
    if (used[i] &&
        (!(table[i].commands & options->command) || !isFor(&table[i], model)))
      return wrongUse(
          options, "'--%s' is not an option of '%s'%s", table[i].name, name,
          table[i].commands & options->command ? " for this model" : "");
  if (options->prompt && options->command != COMMAND_GENERATE &&
      options->command != COMMAND_TRANSLATE)
    return wrongUse(options, "unexpected '%s' after '%s'", options->prompt,
                    name);
  return 0;
}

int parseOptions(options *options, const tc_model *model, int argc,
                 char **argv) {
  const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
  const char *program = slash ? slash + 1 : argc > 0 ? argv[0] : model->name;
  *options = (struct options){.program = program,
                              .count = 256,
                              .temperature = -1,
                              .topP = 0.95,
                              .seed = 1,
                              .threads = tc_cpu_count() < TC_MAX_THREADS
                                             ? tc_cpu_count()
                                             : TC_MAX_THREADS,
                              .cut = -1,
                              .prefix = -1,
                              .prefill = -1,
                              .decode = -1,
                              .sessions = 1,
                              .repeat = 3,
                              .batch = 1};
  int used[OPTIONS] = {0}, words = 0, onlyWords = 0;
  for (int at = 1; at < argc; ++at) {
    int status = 0;
    if (!onlyWords && strcmp(argv[at], "--") == 0)
      onlyWords = 1;
    else if (!onlyWords && argv[at][0] == '-' && argv[at][1])
      status = parseOption(options, used, argc, argv, &at);
    else
      status = parseWord(options, argv[at], !onlyWords && words++ == 0);
    if (status)
      return status;
  }
  if (options->help || options->version)
    return 0;
  if (!options->command) {
    if (!options->prompt && !options->tokens && !options->source)
      return wrongUse(options, "no command");
    options->command =
        tc_has_sources(model) ? COMMAND_TRANSLATE : COMMAND_GENERATE;
  }
  return checkCommand(options, model, used);
}

/* ---- Help ---------------------------------------------------------------- */

void printHelp(const options *options, const tc_model *model) {
  printf("%s: a transformer compiled to machine code\n\nusage:\n", model->name);
  for (int i = 0; i < COMMANDS; ++i)
    if (isOffered(i, model))
      printf("  %s %-34s %s\n", options->program, commands[i].usage,
             commands[i].help);
  printf("\noptions, with the commands that take them and (what holds if left "
         "out):\n");
  for (int i = 0; i < OPTIONS; ++i) {
    if (!isFor(&table[i], model))
      continue;
    char form[48], takers[64] = "";
    snprintf(form, sizeof form, "%s%c%s--%s %s", table[i].letter ? "-" : "   ",
             table[i].letter ? table[i].letter : ' ',
             table[i].letter ? ", " : "", table[i].name, table[i].value);
    for (int j = 0; j < COMMANDS && (table[i].commands & ALL) != ALL; ++j)
      if ((table[i].commands & commands[j].command) && isOffered(j, model))
        snprintf(takers + strlen(takers), sizeof takers - strlen(takers),
                 "%s%s", *takers ? ", " : "", commands[j].name);
    printf("  %-26s %s%s%s%s\n", form, table[i].help, *takers ? " [" : "",
           takers, *takers ? "]" : "");
  }
}
