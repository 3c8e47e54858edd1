/* The words for each status. */
#include "runtime/status.h"

#include <stdarg.h>
#include <stdio.h>

const char *tc_status_text(tc_status status) {
  switch (status) {
  case TC_OK:
    return "no error";
  case TC_BAD_ARGUMENT:
    return "an argument is null, empty or out of range";
  case TC_BAD_TOKEN:
    return "a token id is outside the model's vocabulary";
  case TC_BAD_ROW:
    return "a row has a value that is infinite or not a number";
  case TC_CONTEXT_FULL:
    return "the session would hold more rows than the model's context";
  case TC_TOO_LONG:
    return "the sequence has more rows than one step of the model takes";
  case TC_BUSY:
    return "the session is in use by another call";
  case TC_NO_MEMORY:
    return "out of memory";
  case TC_NO_THREADS:
    return "the system cannot start as many threads";
  case TC_NO_FILE:
    return "the weights file cannot be read";
  case TC_NOT_WEIGHTS:
    return "the file is not a weights file of this version";
  case TC_OTHER_MODEL:
    return "the weights file belongs to another model";
  case TC_TRUNCATED:
    return "the weights file is incomplete";
  case TC_DAMAGED:
    return "the weights file is damaged";
  case TC_BAD_CPU:
    return "the CPU lacks an instruction set that the model was compiled for";
  case TC_BAD_OBJECT:
    return "the model was compiled for another version of the runtime";
  case TC_BAD_TYPE:
    return "the type of a row is not one of the model's";
  case TC_NO_SOURCE:
    return "the session has no source yet, which must be encoded first";
  case TC_TOO_SHORT:
    return "the sequence has fewer rows than the model's windows see";
  case TC_SOURCE_TOO_LONG:
    return "the source has more tokens than the model's encoder takes";
  }
  return "unknown status";
}

tc_status tc_fail(tc_error *error, tc_status status, const char *format, ...) {
  if (error) {
    va_list arguments;
    va_start(arguments, format);
    error->status = status;
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
  }
  return status;
}
