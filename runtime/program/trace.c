/* What ran when, as a JSON file that chrome://tracing and Perfetto open: one
 * row for each thread, kernels around the ranges of their loops. */
#include "runtime/program/profile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Names of layers hold no character that JSON would escape. */
static void writeLane(FILE *file, const profile *profile, const lane *lane,
                      int thread, const char *category) {
  for (size_t i = 0; i < lane->count; ++i) {
    const event *event = &lane->events[i];
    const tc_kernel *kernel = &profile->model->kernels[event->kernel];
    fprintf(file,
            ",\n{\"name\": \"%s\", \"cat\": \"%s\", \"ph\": \"X\", \"pid\": 1, "
            "\"tid\": %d, \"ts\": %.3f, \"dur\": %.3f, \"args\": {\"kind\": "
            "\"%s\", \"shape\": \"%s\", \"schedule\": \"%s\"}}",
            kernel->name, category, thread, 1e6 * event->begin,
            1e6 * (event->end - event->begin), kernel->kind, kernel->shape,
            kernel->schedule);
  }
}

int writeTrace(const options *options, const profile *profile) {
  FILE *file = profile->trace;
  fprintf(file,
          "{\"displayTimeUnit\": \"ms\", \"traceEvents\": [\n"
          "{\"name\": \"process_name\", \"ph\": \"M\", \"pid\": 1, \"args\": "
          "{\"name\": \"%s\"}}",
          profile->model->name);
  for (int i = 0; i < profile->threads; ++i)
    fprintf(file,
            ",\n{\"name\": \"thread_name\", \"ph\": \"M\", \"pid\": 1, "
            "\"tid\": %d, \"args\": {\"name\": \"thread %d\"}}",
            i, i);
  writeLane(file, profile, &profile->kernels, 0, "kernel");
  for (int i = 0; i < profile->threads; ++i)
    writeLane(file, profile, &profile->ranges[i], i, "range");
  fprintf(file, "\n]}\n");
  int failed = ferror(file);
  if (fflush(file) || failed)
    return fail(options, "%s: %s", options->trace, strerror(errno));
  return 0;
}
