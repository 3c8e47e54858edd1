/* Eight lanes take one little-endian word each of every 64 bytes:
 *
 *   lane = rotate((lane ^ word) * PRIME, 29)
 *
 * A bijection of the lane for each word and of the word for each lane: one
 * changed word always changes the sum. The rotation carries high bits, which a
 * multiplication leaves in place, back to where the next one spreads them. */
#include "runtime/checksum.h"

#include <string.h>

#define PRIME UINT64_C(0x9e3779b97f4a7c15)

static uint64_t mix(uint64_t lane, uint64_t word) {
  uint64_t product = (lane ^ word) * PRIME;
#if defined(__clang__)
  /* Of two shifts Clang would make a second multiplication. */
  return __builtin_rotateleft64(product, 29);
#else
  return product << 29 | product >> 35;
#endif
}

static uint64_t loadWord(const unsigned char *bytes) {
  uint64_t word;
  memcpy(&word, bytes, 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  return word;
}

static void addBlocks(tc_checksum_state *state, const unsigned char *bytes,
                      size_t blocks) {
  uint64_t lanes[8];
  memcpy(lanes, state->lanes, sizeof lanes);
  for (; blocks; --blocks, bytes += 64)
    for (int lane = 0; lane < 8; ++lane)
      lanes[lane] = mix(lanes[lane], loadWord(bytes + 8 * lane));
  memcpy(state->lanes, lanes, sizeof lanes);
}

void tc_checksum_begin(tc_checksum_state *state) {
  memset(state, 0, sizeof *state);
  for (int lane = 0; lane < 8; ++lane)
    state->lanes[lane] = PRIME * (uint64_t)(lane + 1);
}

void tc_checksum_add(tc_checksum_state *state, const void *data, size_t bytes) {
  const unsigned char *from = data;
  size_t held = (size_t)(state->bytes % 64);
  state->bytes += bytes;
  if (held) {
    size_t take = bytes < 64 - held ? bytes : 64 - held;
    if (take)
      memcpy(state->buffer + held, from, take);
    if (held + take < 64)
      return;
    addBlocks(state, state->buffer, 1);
    from += take;
    bytes -= take;
  }
  addBlocks(state, from, bytes / 64);
  if (bytes % 64)
    memcpy(state->buffer, from + bytes / 64 * 64, bytes % 64);
}

uint64_t tc_checksum_end(const tc_checksum_state *state) {
  /* Zeros fill the last block; the number of bytes tells it from real ones. */
  tc_checksum_state last = *state;
  size_t held = (size_t)(state->bytes % 64);
  if (held) {
    memset(last.buffer + held, 0, 64 - held);
    addBlocks(&last, last.buffer, 1);
  }
  uint64_t sum = PRIME;
  for (int lane = 0; lane < 8; ++lane)
    sum = mix(sum, last.lanes[lane]);
  sum = mix(sum, state->bytes);
  return mix(sum, sum >> 32);
}

uint64_t tc_checksum(const void *data, size_t bytes) {
  tc_checksum_state state;
  tc_checksum_begin(&state);
  tc_checksum_add(&state, data, bytes);
  return tc_checksum_end(&state);
}
