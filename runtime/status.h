/* What can go wrong in the runtime, as codes and in words. */
#ifndef TRANSFORMER_RUNTIME_STATUS_H
#define TRANSFORMER_RUNTIME_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

typedef enum tc_status {
  TC_OK = 0,
  TC_BAD_ARGUMENT, /* a null pointer, a size or a count that cannot be */
  TC_BAD_TOKEN,    /* an id outside [0, vocabulary) */
  TC_BAD_ROW,      /* a value that is infinite or not a number */
  TC_CONTEXT_FULL, /* the session would pass the model's context */
  TC_TOO_LONG,     /* a sequence that must be whole passes the step's limit */
  TC_BUSY,         /* the session is in use by another call */
  TC_NO_MEMORY,
  TC_NO_THREADS,      /* the system started fewer threads than asked for */
  TC_NO_FILE,         /* missing, unreadable or not a regular file */
  TC_NOT_WEIGHTS,     /* not a weights file, or one of another format version */
  TC_OTHER_MODEL,     /* a weights file that another model was compiled with */
  TC_TRUNCATED,       /* a weights file that is shorter than it says */
  TC_DAMAGED,         /* a weights file whose checksum is wrong */
  TC_BAD_CPU,         /* the CPU lacks an instruction set the object needs */
  TC_BAD_OBJECT,      /* the object was compiled for another runtime */
  TC_BAD_TYPE,        /* the type of a row outside [0, tc_model.types) */
  TC_NO_SOURCE,       /* tokens for a session that has no source yet */
  TC_SOURCE_TOO_LONG, /* a source of more tokens than the encoder takes */
  TC_TOO_SHORT        /* a sequence that makes no row of those that come out */
} tc_status;

/* A sentence in lower case, without a period. Never null. */
const char *tc_status_text(tc_status status);

/* A status with the particulars: which file, which sizes, how to mend it.
 * Functions that take a `tc_error *` accept null. */
typedef struct tc_error {
  tc_status status;
  char text[512];
} tc_error;

/* Fills `error` unless it is null and returns `status`. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
tc_status tc_fail(tc_error *error, tc_status status, const char *format, ...);

#ifdef __cplusplus
}
#endif
#endif
