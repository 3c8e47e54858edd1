// The checksum against values worked out by another program, in pieces, and
// against every change of one bit.
#include "runtime/checksum.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

static std::string ramp(size_t bytes) {
  std::string text(bytes, 0);
  for (size_t i = 0; i < bytes; ++i)
    text[i] = static_cast<char>(i * 7 + 3);
  return text;
}

static uint64_t sum(const std::string &text) {
  return tc_checksum(text.data(), text.size());
}

// From checksum.py beside this file, written from the definition.
TEST(Checksum, hasTheDefinedValues) {
  EXPECT_EQ(sum(ramp(0)), 0x1594411a30931120u);
  EXPECT_EQ(sum(ramp(1)), 0x3895cff8902534f3u);
  EXPECT_EQ(sum(ramp(7)), 0x4a0a474ca6a99387u);
  EXPECT_EQ(sum(ramp(8)), 0xaf850f570e012bc0u);
  EXPECT_EQ(sum(ramp(63)), 0x366581cc5010e8c0u);
  EXPECT_EQ(sum(ramp(64)), 0xd07be2e4db2f3e40u);
  EXPECT_EQ(sum(ramp(65)), 0x08bb9a9000d28a44u);
  EXPECT_EQ(sum(ramp(1000)), 0x2f68b72304d729b9u);
}

TEST(Checksum, isTheSameInPieces) {
  std::mt19937 random(1);
  for (int run = 0; run < 200; ++run) {
    std::string text = ramp(random() % 500);
    tc_checksum_state state;
    tc_checksum_begin(&state);
    for (size_t at = 0; at < text.size();) {
      size_t now = std::min<size_t>(random() % 150, text.size() - at);
      tc_checksum_add(&state, text.data() + at, now);
      at += now;
    }
    EXPECT_EQ(tc_checksum_end(&state), sum(text)) << text.size() << " bytes";
  }
}

TEST(Checksum, differsAfterAnyChangeOfOneBit) {
  for (size_t bytes : {1, 8, 63, 64, 65, 200}) {
    std::string text = ramp(bytes);
    uint64_t before = sum(text);
    for (size_t bit = 0; bit < 8 * bytes; ++bit) {
      text[bit / 8] ^= static_cast<char>(1 << bit % 8);
      EXPECT_NE(sum(text), before);
      text[bit / 8] ^= static_cast<char>(1 << bit % 8);
    }
  }
}

// Two sign bits at the same place of neighbouring blocks: a sum without
// rotation would not notice.
TEST(Checksum, noticesPairsOfTopBits) {
  std::string text = ramp(1024);
  uint64_t before = sum(text);
  for (size_t a = 7; a < text.size(); a += 8)
    for (size_t b = a + 8; b < text.size(); b += 8) {
      std::string changed = text;
      changed[a] ^= '\x80';
      changed[b] ^= '\x80';
      EXPECT_NE(sum(changed), before);
    }
}

TEST(Checksum, tellsZerosFromNothing) {
  EXPECT_NE(sum(std::string(1, 0)), sum(std::string()));
  EXPECT_NE(sum(std::string(63, 0)), sum(std::string(64, 0)));
}
