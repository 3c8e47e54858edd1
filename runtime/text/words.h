/* Cutting a text into the words within which merging happens. */
#ifndef TRANSFORMER_RUNTIME_TEXT_WORDS_H
#define TRANSFORMER_RUNTIME_TEXT_WORDS_H

#include "runtime/text/tokenizer.h"

/* What is done with a word of at least one byte; a tc_text_status. */
typedef int (*tc_word_user)(void *context, const char *word, size_t bytes);

/* Cuts s[0..n) into words, from the left, until a status is not TC_TEXT_OK. */
int tc_cut_words(const tc_tokenizer *t, const char *s, size_t n,
                 tc_word_user use, void *context);

#endif
