/* UTF-8 in and out, and character classes by the ranges of the blob. */
#include "runtime/text/unicode.h"

size_t tc_utf8_read(const char *s, size_t n, uint32_t *character) {
  const unsigned char *u = (const unsigned char *)s;
  uint32_t c = u[0], least;
  size_t length;
  if (c < 0x80) {
    *character = c;
    return 1;
  }
  if (c >= 0xC2 && c < 0xE0)
    length = 2, c &= 0x1F, least = 0x80;
  else if (c >= 0xE0 && c < 0xF0)
    length = 3, c &= 0x0F, least = 0x800;
  else if (c >= 0xF0 && c < 0xF5)
    length = 4, c &= 0x07, least = 0x10000;
  else
    length = 0, least = 0;
  size_t i = 1;
  for (; i < length && i < n && (u[i] & 0xC0) == 0x80; ++i)
    c = c << 6 | (u[i] & 0x3F);
  if (length == 0 || i < length || c < least || c > 0x10FFFF ||
      (c >= 0xD800 && c < 0xE000)) {
    *character = TC_STRAY_BYTE + u[0];
    return 1;
  }
  *character = c;
  return length;
}

size_t tc_utf8_write(uint32_t c, char *s) {
  if (c < 0x80 || c >= TC_STRAY_BYTE) {
    s[0] = (char)c;
    return 1;
  }
  if (c < 0x800) {
    s[0] = (char)(0xC0 | c >> 6);
    s[1] = (char)(0x80 | (c & 0x3F));
    return 2;
  }
  if (c < 0x10000) {
    s[0] = (char)(0xE0 | c >> 12);
    s[1] = (char)(0x80 | (c >> 6 & 0x3F));
    s[2] = (char)(0x80 | (c & 0x3F));
    return 3;
  }
  s[0] = (char)(0xF0 | (c >> 18 & 7));
  s[1] = (char)(0x80 | (c >> 12 & 0x3F));
  s[2] = (char)(0x80 | (c >> 6 & 0x3F));
  s[3] = (char)(0x80 | (c & 0x3F));
  return 4;
}

const tc_blob_range *tc_find_range(const tc_blob_range *ranges, uint32_t count,
                                   uint32_t character) {
  uint32_t low = 0, high = count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (character < ranges[middle].first)
      high = middle;
    else if (character > ranges[middle].last)
      low = middle + 1;
    else
      return &ranges[middle];
  }
  return NULL;
}

/* Unicode's White_Space beyond ASCII. */
static int is_wide_space(uint32_t c) {
  return c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
         c == 0x202F || c == 0x205F || c == 0x3000;
}

unsigned tc_class(const tc_tokenizer *t, uint32_t c) {
  if (c < 0x80) {
    if (c >= 'a' && c <= 'z')
      return TC_CLASS_LOWER;
    if (c >= 'A' && c <= 'Z')
      return TC_CLASS_UPPER;
    if (c >= '0' && c <= '9')
      return TC_CLASS_NUMBER;
    if (c == '\n' || c == '\r')
      return TC_CLASS_LINE;
    if (c == ' ' || (c >= '\t' && c <= '\r'))
      return TC_CLASS_SPACE;
    if (c < ' ' || c == 0x7F)
      return TC_CLASS_OTHER;
    /* $+<=>^`|~ */
    return c == '$' || c == '+' || (c >= '<' && c <= '>') || c == '^' ||
                   c == '`' || c == '|' || c == '~'
               ? TC_CLASS_SIGN
               : TC_CLASS_PUNCTUATION;
  }
  if (is_wide_space(c))
    return TC_CLASS_SPACE;
  const tc_blob_range *range =
      tc_find_range(t->classes, t->header->classes.count, c);
  return range ? range->value : TC_CLASS_OTHER;
}
