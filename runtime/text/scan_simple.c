/* Expressions of a class or two, and of BERT, Falcon and BLOOM. */
#include "runtime/text/scan.h"

/* BERT's basic tokens: white space, a sign or ideograph by itself, or all up to
 * the next of these. */
size_t tc_scan_bert(const tc_tokenizer *t, const char *s, size_t n) {
  size_t length, at = 0;
  unsigned class = tc_look(t, s, n, &length);
  if (class & WHITE)
    return tc_run_all(t, s, n, WHITE);
  if (class & (ALONE | SIGNS))
    return length;
  while (class && !(class & (WHITE | ALONE | SIGNS))) {
    at += length;
    class = tc_look(t, s + at, n - at, &length);
  }
  return at;
}

/* All up to the next space. */
size_t tc_scan_space_before(const tc_tokenizer *t, const char *s, size_t n) {
  (void)t;
  size_t at = 1;
  while (at < n && s[at] != ' ')
    ++at;
  return at;
}

/* \p{N}, \p{N}{1,3}, \p{N}+ */
size_t tc_scan_digit(const tc_tokenizer *t, const char *s, size_t n) {
  return tc_run(t, s, n, NUMBER, 1);
}
size_t tc_scan_three_numbers(const tc_tokenizer *t, const char *s, size_t n) {
  return tc_run(t, s, n, NUMBER, 3);
}
size_t tc_scan_numbers(const tc_tokenizer *t, const char *s, size_t n) {
  return tc_run_all(t, s, n, NUMBER);
}

/* [\p{P}$+<=>^~|`]+ : all of ASCII's signs. */
size_t tc_scan_falcon_signs(const tc_tokenizer *t, const char *s, size_t n) {
  size_t at = 0, length;
  for (unsigned class; (class = tc_look(t, s + at, n - at, &length)) & SIGNS;) {
    if (class & SIGN && length > 1)
      break;
    at += length;
  }
  return at;
}

/* Falcon looks for digits in GPT-2's characters for bytes, where some bytes
 * beyond ASCII are digits: the squares, the cube, the fractions of Latin-1. */
size_t tc_scan_digit_bytes(const tc_tokenizer *t, const char *s, size_t n) {
  (void)t;
  size_t at = 0;
  for (; at < n; ++at) {
    unsigned char c = (unsigned char)s[at];
    if (!(c >= '0' && c <= '9') && c != 0xB2 && c != 0xB3 && c != 0xB9 &&
        !(c >= 0xBC && c <= 0xBE))
      break;
  }
  return at;
}

/* [0-9][0-9][0-9] */
size_t tc_scan_three_digits(const tc_tokenizer *t, const char *s, size_t n) {
  (void)t;
  for (size_t i = 0; i < 3; ++i)
    if (i >= n || s[i] < '0' || s[i] > '9')
      return 0;
  return 3;
}

/* A space first if there is one, then what bloom_letter accepts:
 *  ?[^(\s|[.,!?...])]+ , of which the brackets and the bar are members. */
static int bloom_letter(uint32_t c) {
  switch (c) {
  case '(':
  case ')':
  case '|':
  case '.':
  case ',':
  case '!':
  case '?':
  case 0x2026: /* ellipsis */
  case 0x3002: /* ideographic full stop, commas */
  case 0xFF0C:
  case 0x3001:
  case 0x0964: /* danda */
  case 0x06D4: /* Arabic full stop, comma */
  case 0x060C:
    return 0;
  default:
    return 1;
  }
}

size_t tc_scan_bloom(const tc_tokenizer *t, const char *s, size_t n) {
  size_t lead = s[0] == ' ', at = lead, length;
  for (unsigned class; (class = tc_look(t, s + at, n - at, &length)) != 0;) {
    uint32_t c;
    tc_utf8_read(s + at, n - at, &c);
    if (class & WHITE || !bloom_letter(c))
      break;
    at += length;
  }
  return at > lead ? at : 0;
}
