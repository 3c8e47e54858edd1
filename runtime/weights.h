/* Opening a weights file: everything about it is checked before anything is
 * computed with it. Mapped read-only, so processes share one copy. */
#ifndef TRANSFORMER_RUNTIME_WEIGHTS_H
#define TRANSFORMER_RUNTIME_WEIGHTS_H

#include "runtime/abi.h"
#include "runtime/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tc_weights tc_weights;

enum {
  TC_CHECK_HEADER = 0, /* magic, version, sizes, model, header's checksum */
  TC_CHECK_DATA = 1    /* also read every byte and compare the checksum */
};

/* Opens the weights file of `model`. One may serve any number of engines. */
tc_status tc_weights_open(const tc_model *model, const char *path, int check,
                          tc_weights **out, tc_error *error);

/* The same for the contents of a weights file in the caller's memory, aligned
 * to TC_ALIGN, which must stay as it is until the weights are closed. */
tc_status tc_weights_wrap(const tc_model *model, const void *contents,
                          size_t bytes, int check, tc_weights **out,
                          tc_error *error);

void tc_weights_close(tc_weights *weights);

/* Reads every byte and compares the checksum. */
tc_status tc_weights_check_data(const tc_weights *weights, tc_error *error);

const tc_weights_header *tc_weights_head(const tc_weights *weights);
/* The data section, which tc_step wants. */
const void *tc_weights_data(const tc_weights *weights);
/* Size of the file. */
size_t tc_weights_bytes(const tc_weights *weights);
/* JSON that says what is where; not terminated by a zero. */
const char *tc_weights_metadata(const tc_weights *weights, size_t *bytes);
/* What tc_tokenizer_open of runtime/text takes; null if there is none. */
const void *tc_weights_tokenizer(const tc_weights *weights, size_t *bytes);

/* 1 while the mapped file is as long as it was: reading beyond the end of a
 * file that was cut short would end the process. */
int tc_weights_intact(const tc_weights *weights);

#ifdef __cplusplus
}
#endif
#endif
