/* NumPy's array files. */
#ifndef TRANSFORMER_RUNTIME_PROGRAM_NPY_H
#define TRANSFORMER_RUNTIME_PROGRAM_NPY_H

#include "runtime/status.h"

#include <stddef.h>
#include <stdio.h>

enum { NPY_DIMENSIONS = 8 };

typedef struct array {
  size_t dimensions;
  size_t shape[NPY_DIMENSIONS];
  size_t size; /* product of the shape */
  float *values;
} array;

/* Reads floats or integers of any size and byte order, rows first, as float32;
 * 1 if that works. The caller frees `values`. */
int readArray(const char *path, array *array, tc_error *error);

/* Writes the header of a float32 array, whose values follow; its length. 0: an
 * error of the file. */
size_t writeArrayHeader(FILE *file, const size_t *shape, size_t dimensions);

/* "4x28x28", for messages. */
const char *shapeText(const size_t *shape, size_t dimensions, char *buffer,
                      size_t capacity);

#endif
