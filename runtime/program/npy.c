/* The format: magic, version, length of the header, a Python dictionary with
 * 'descr', 'fortran_order' and 'shape', then the values. Nothing is allocated
 * before the sizes are checked against the file's. */
#include "runtime/program/npy.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_HEADER = 1 << 16 };

typedef struct layout {
  char order, kind; /* '<' '>' '|', 'f' 'i' 'u' 'b' */
  size_t bytes;     /* of a value */
} layout;

/* ---- Header -------------------------------------------------------------- */

/* The text after the colon of a key, or null. */
static const char *findKey(const char *header, const char *key) {
  const char *at = strstr(header, key);
  if (!at)
    return NULL;
  at += strlen(key);
  at += strspn(at, " ");
  if (*at != ':')
    return NULL;
  ++at;
  return at + strspn(at, " ");
}

static const char *parseLayout(const char *header, layout *layout) {
  const char *at = findKey(header, "'descr'");
  if (!at || *at != '\'')
    return "its header names no simple type";
  char *end;
  layout->order = at[1];
  if (!at[1] || !at[2])
    return "its type is not of the form '<f4'";
  layout->kind = at[2];
  unsigned long bytes = strtoul(at + 3, &end, 10);
  layout->bytes = bytes;
  if (end == at + 3 || *end != '\'' || !strchr("<>|=", layout->order))
    return "its type is not of the form '<f4'";
  int is_float = layout->kind == 'f' && (bytes == 4 || bytes == 8);
  int is_integer = strchr("iu", layout->kind) &&
                   (bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8);
  if (!is_float && !is_integer && !(layout->kind == 'b' && bytes == 1))
    return "its values are neither float32, float64, integers nor booleans";
  return NULL;
}

static const char *parseShape(const char *header, array *array) {
  const char *at = findKey(header, "'shape'");
  if (!at || *at++ != '(')
    return "its header has no shape";
  array->dimensions = 0;
  array->size = 1;
  for (;;) {
    at += strspn(at, " ,");
    if (*at == ')')
      return NULL;
    char *end;
    if (*at < '0' || *at > '9')
      return "its shape is not a list of integers";
    errno = 0;
    unsigned long long size = strtoull(at, &end, 10);
    if (array->dimensions == NPY_DIMENSIONS)
      return "it has more than 8 dimensions";
    if (errno || (size && array->size > SIZE_MAX / 8 / size))
      return "its shape is beyond all memory";
    array->shape[array->dimensions++] = (size_t)size;
    array->size *= (size_t)size;
    at = end;
  }
}

static const char *parseHeader(const char *header, layout *layout,
                               array *array) {
  const char *order = findKey(header, "'fortran_order'");
  const char *wrong = parseLayout(header, layout);
  if (wrong)
    return wrong;
  wrong = parseShape(header, array);
  if (wrong)
    return wrong;
  if (!order)
    return "its header does not say the order";
  if (strncmp(order, "False", 5) != 0 && array->dimensions > 1)
    return "it is in column order; save numpy.ascontiguousarray of it";
  return NULL;
}

static const char *readHeader(FILE *file, char *header) {
  unsigned char start[12];
  if (fread(start, 1, 10, file) != 10 || memcmp(start, "\x93NUMPY", 6) != 0)
    return "not a NumPy array file";
  size_t length = start[8] | (size_t)start[9] << 8;
  if (start[6] >= 2) {
    if (fread(start + 10, 1, 2, file) != 2)
      return "cut off in its header";
    length |= (size_t)start[10] << 16 | (size_t)start[11] << 24;
  }
  if (start[6] < 1 || start[6] > 3)
    return "of an unknown version of the NumPy format";
  if (length >= MOST_HEADER)
    return "its header is too long";
  if (fread(header, 1, length, file) != length)
    return "cut off in its header";
  header[length] = 0;
  return NULL;
}

/* ---- Values -------------------------------------------------------------- */

static float toFloat(const unsigned char *bytes, const layout *layout) {
  uint64_t word = 0;
  for (size_t i = 0; i < layout->bytes; ++i) {
    size_t from = layout->order == '>' ? layout->bytes - 1 - i : i;
    word |= (uint64_t)bytes[from] << 8 * i;
  }
  if (layout->kind == 'f' && layout->bytes == 4) {
    uint32_t half = (uint32_t)word;
    float value;
    memcpy(&value, &half, 4);
    return value;
  }
  if (layout->kind == 'f') {
    double value;
    memcpy(&value, &word, 8);
    return (float)value;
  }
  if (layout->kind == 'i') {
    unsigned unused = 64 - 8 * (unsigned)layout->bytes;
    return (float)((int64_t)(word << unused) >> unused);
  }
  return (float)word;
}

static const char *readValues(FILE *file, const layout *layout, array *array) {
  unsigned char chunk[1 << 14];
  size_t each = sizeof chunk / layout->bytes;
  for (size_t done = 0; done < array->size;) {
    size_t now = array->size - done < each ? array->size - done : each;
    if (fread(chunk, layout->bytes, now, file) != now)
      return "cut off in its values";
    for (size_t i = 0; i < now; ++i)
      array->values[done++] = toFloat(chunk + i * layout->bytes, layout);
  }
  return NULL;
}

static const char *readFile(FILE *file, array *array) {
  layout layout;
  char *header = malloc(MOST_HEADER);
  if (!header)
    return "out of memory";
  const char *wrong = readHeader(file, header);
  if (!wrong)
    wrong = parseHeader(header, &layout, array);
  free(header);
  if (wrong)
    return wrong;
  struct stat info;
  if (fstat(fileno(file), &info) == 0 && S_ISREG(info.st_mode) &&
      (uintmax_t)info.st_size / layout.bytes < array->size)
    return "cut off: its header promises more values than it has";
  array->values = malloc(array->size ? array->size * sizeof(float) : 1);
  if (!array->values)
    return "out of memory";
  return readValues(file, &layout, array);
}

int readArray(const char *path, array *array, tc_error *error) {
  memset(array, 0, sizeof *array);
  FILE *file = fopen(path, "rb");
  if (!file) {
    tc_fail(error, TC_NO_FILE, "%s: cannot be opened: %s", path,
            strerror(errno));
    return 0;
  }
  const char *wrong = readFile(file, array);
  fclose(file);
  if (!wrong)
    return 1;
  free(array->values);
  array->values = NULL;
  tc_fail(error, TC_NO_FILE, "%s: %s", path, wrong);
  return 0;
}

/* ---- Writing ------------------------------------------------------------- */

size_t writeArrayHeader(FILE *file, const size_t *shape, size_t dimensions) {
  char text[512];
  int length = snprintf(text, sizeof text,
                        "{'descr': '<f4', 'fortran_order': False, 'shape': (");
  for (size_t i = 0; i < dimensions; ++i)
    length +=
        snprintf(text + length, sizeof text - (size_t)length, "%zu%s", shape[i],
                 i + 1 < dimensions ? ", "
                 : dimensions == 1  ? ","
                                    : "");
  length += snprintf(text + length, sizeof text - (size_t)length, "), }");
  /* The values start at a multiple of 64. */
  size_t total = (10 + (size_t)length + 1 + 63) / 64 * 64, header = total - 10;
  const unsigned char start[10] = {
      0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, header & 255, header >> 8 & 255};
  if (fwrite(start, 1, 10, file) != 10 ||
      fprintf(file, "%-*s\n", (int)header - 1, text) != (int)header)
    return 0;
  return total;
}

const char *shapeText(const size_t *shape, size_t dimensions, char *buffer,
                      size_t capacity) {
  size_t used = 0;
  buffer[0] = 0;
  for (size_t i = 0; i < dimensions && used < capacity; ++i)
    used += (size_t)snprintf(buffer + used, capacity - used, "%s%zu",
                             i ? "x" : "", shape[i]);
  return buffer;
}
