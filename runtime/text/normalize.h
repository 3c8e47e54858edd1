/* Unicode's normal form C, folding, and SentencePiece's rules, by the tables of
 * the blob. */
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

/* The longest added token that s[0..n) begins with, among those that are
 * TC_ADDED_VERBATIM or among those that are not; null: none. */
const tc_blob_added *tc_added_here(const tc_tokenizer *t, const char *s,
                                   size_t n, int verbatim);

/* The text by the rules of the blob, to be freed; null: out of memory. */
char *tc_rewrite_text(const tc_tokenizer *t, const char *s, size_t n,
                      size_t *bytes);

/* Drops spaces as the flags say, in place; returns the new length. */
size_t tc_trim_spaces(const tc_tokenizer *t, char *s, size_t n);

#endif
