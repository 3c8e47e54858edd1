/* Characters of a text and what they are. Bytes that are not UTF-8 count as
 * characters of their own. */
#ifndef TRANSFORMER_RUNTIME_TEXT_UNICODE_H
#define TRANSFORMER_RUNTIME_TEXT_UNICODE_H

#include "runtime/text/tokenizer.h"

/* Added to a byte that is part of no character. */
enum { TC_STRAY_BYTE = 0x40000000 };

/* The first character of s[0..n), n > 0; returns its length in bytes. */
size_t tc_utf8_read(const char *s, size_t n, uint32_t *character);
/* The reverse, stray bytes too; room for 4 bytes. */
size_t tc_utf8_write(uint32_t character, char *s);

/* TC_CLASS_* of a character. */
unsigned tc_class(const tc_tokenizer *t, uint32_t character);

/* White space, line ends too. */
static inline int tc_is_white(const tc_tokenizer *t, uint32_t character) {
  unsigned class = tc_class(t, character);
  return class == TC_CLASS_SPACE || class == TC_CLASS_LINE;
}

/* The range that holds the character; null: none. */
const tc_blob_range *tc_find_range(const tc_blob_range *ranges, uint32_t count,
                                   uint32_t character);

#endif
