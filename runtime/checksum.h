/* A fast 64-bit checksum, the same on every machine: finds damage, not malice.
 * The writer and the readers of weights files share this one definition. */
#ifndef TRANSFORMER_RUNTIME_CHECKSUM_H
#define TRANSFORMER_RUNTIME_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

uint64_t tc_checksum(const void *data, size_t bytes);

/* The same in pieces of any size: begin, add..., end. */
typedef struct tc_checksum_state {
  uint64_t lanes[8];
  uint64_t bytes;           /* added so far */
  unsigned char buffer[64]; /* the last bytes % 64 of them */
} tc_checksum_state;

void tc_checksum_begin(tc_checksum_state *state);
void tc_checksum_add(tc_checksum_state *state, const void *data, size_t bytes);
uint64_t tc_checksum_end(const tc_checksum_state *state);

#ifdef __cplusplus
}
#endif
#endif
