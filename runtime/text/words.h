/* Cutting a text into the words within which merging happens. */
#ifndef TRANSFORMER_RUNTIME_TEXT_WORDS_H
#define TRANSFORMER_RUNTIME_TEXT_WORDS_H

#include "runtime/text/tokenizer.h"

/* Length in bytes (1 to n) of the first word of s[0..n), n > 0. */
size_t tc_first_word(const tc_tokenizer *t, const char *s, size_t n);

#endif
