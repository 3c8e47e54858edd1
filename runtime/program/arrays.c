/* Arrays that are there as a whole as NumPy's files. */
#include "runtime/program/commands.h"
#include "runtime/program/npy.h"
#include "runtime/program/output.h"

int writeArray(const options *options, const char *path, const float *values,
               const size_t *shape, size_t dimensions) {
  tc_error error;
  output output;
  size_t size = 1;
  for (size_t i = 0; i < dimensions; ++i)
    size *= shape[i];
  if (!openOutput(&output, path, &error))
    return fail(options, "%s", error.text);
  if (writeArrayHeader(output.file, shape, dimensions))
    fwrite(values, sizeof *values, size, output.file);
  /* The file remembers its errors. */
  return commitOutput(&output, &error) ? 0 : fail(options, "%s", error.text);
}
