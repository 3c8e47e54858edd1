/* A file that appears under its name only when it is complete. */
#ifndef TRANSFORMER_RUNTIME_PROGRAM_OUTPUT_H
#define TRANSFORMER_RUNTIME_PROGRAM_OUTPUT_H

#include "runtime/status.h"

#include <stdio.h>

typedef struct output {
  FILE *file;
  const char *path;
  char *temporary; /* null: written in place, as to a device */
} output;

/* Opens a temporary file beside `path`; 1 if that works. */
int openOutput(output *output, const char *path, tc_error *error);
/* Syncs and renames it; 1 if that works. The output is closed either way. */
int commitOutput(output *output, tc_error *error);
/* Removes it. */
void abandonOutput(output *output);

#endif
