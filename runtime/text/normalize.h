/* Unicode's normal form C, and folding, by the tables of the blob. */
#ifndef TRANSFORMER_RUNTIME_TEXT_NORMALIZE_H
#define TRANSFORMER_RUNTIME_TEXT_NORMALIZE_H

#include "runtime/text/tokenizer.h"

/* 1 if s[0..n) is surely in normal form C. */
int tc_is_plain(const char *s, size_t n);

/* The text in normal form C, to be freed; null: out of memory. */
char *tc_compose_text(const tc_tokenizer *t, const char *s, size_t n,
                      size_t *bytes);

/* The text with each character folded, to be freed; null: out of memory. */
char *tc_fold_text(const tc_tokenizer *t, const char *s, size_t n,
                   size_t *bytes);

#endif
