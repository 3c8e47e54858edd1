/* Writes beside the target, then renames. A signal that ends the program takes
 * the temporary file along. */
#include "runtime/program/output.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* For the handler; null when there is nothing to remove. */
static char *volatile unfinished;

static void removeAndEnd(int signal) {
  char *path = unfinished;
  if (path)
    unlink(path);
  raise(signal); /* its default action again: SA_RESETHAND */
}

static const int endingSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ};
enum { ENDING_SIGNALS = sizeof endingSignals / sizeof *endingSignals };

static void watchSignals(void) {
  struct sigaction action = {.sa_handler = removeAndEnd,
                             .sa_flags = (int)SA_RESETHAND};
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < ENDING_SIGNALS; ++i) {
    struct sigaction before;
    if (sigaction(endingSignals[i], NULL, &before) == 0 &&
        before.sa_handler == SIG_DFL)
      sigaction(endingSignals[i], &action, NULL);
  }
}

/* mkstemp, known to the handler from its first moment. */
static int makeTemporary(char *path) {
  sigset_t ending, before;
  sigemptyset(&ending);
  for (int i = 0; i < ENDING_SIGNALS; ++i)
    sigaddset(&ending, endingSignals[i]);
  watchSignals();
  sigprocmask(SIG_BLOCK, &ending, &before);
  int file = mkstemp(path);
  int why = errno;
  if (file >= 0)
    unfinished = path;
  sigprocmask(SIG_SETMASK, &before, NULL);
  errno = why;
  return file;
}

static int explain(output *output, tc_error *error) {
  tc_fail(error, TC_NO_FILE, "%s: cannot be written: %s", output->path,
          strerror(errno));
  abandonOutput(output);
  return 0;
}

int openOutput(output *output, const char *path, tc_error *error) {
  memset(output, 0, sizeof *output);
  output->path = path;
  struct stat info;
  if (stat(path, &info) == 0 && !S_ISREG(info.st_mode)) {
    output->file = S_ISDIR(info.st_mode) ? NULL : fopen(path, "wb");
    if (S_ISDIR(info.st_mode))
      errno = EISDIR;
    return output->file ? 1 : explain(output, error);
  }
  size_t length = strlen(path);
  output->temporary = malloc(length + 8);
  if (!output->temporary)
    return explain(output, error);
  memcpy(output->temporary, path, length);
  memcpy(output->temporary + length, ".XXXXXX", 8);
  int file = makeTemporary(output->temporary);
  if (file < 0) {
    int why = errno;
    free(output->temporary);
    output->temporary = NULL;
    errno = why;
    return explain(output, error);
  }
  mode_t mask = umask(0);
  umask(mask);
  fchmod(file, 0666 & ~mask);
  output->file = fdopen(file, "wb");
  if (!output->file) {
    close(file);
    return explain(output, error);
  }
  return 1;
}

int commitOutput(output *output, tc_error *error) {
  int failed = fflush(output->file) != 0;
  if (!failed && output->temporary)
    failed = fsync(fileno(output->file)) != 0;
  failed = failed || ferror(output->file);
  int why = errno;
  if (fclose(output->file) != 0 && !failed) {
    failed = 1;
    why = errno;
  }
  output->file = NULL;
  if (!failed && output->temporary &&
      rename(output->temporary, output->path) != 0) {
    failed = 1;
    why = errno;
  }
  if (failed) {
    errno = why ? why : EIO;
    return explain(output, error);
  }
  unfinished = NULL;
  free(output->temporary);
  output->temporary = NULL;
  return 1;
}

void abandonOutput(output *output) {
  if (output->file)
    fclose(output->file);
  if (output->temporary) {
    unlink(output->temporary);
    unfinished = NULL;
    free(output->temporary);
  }
  output->file = NULL;
  output->temporary = NULL;
}
