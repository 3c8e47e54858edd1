// The block formats of GGUF, as ggml defines them. Below, d and m are halves
// that begin or end a block; products are rounded once each, in that order.
#include "compiler/Weights/Blocks.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace weights {

/// The exponent is rebased by a multiplication, exact for subnormals too.
float halfToFloat(uint16_t bits) {
  uint32_t magnitude = uint32_t(bits & 0x7fff) << 13;
  uint32_t finite =
      std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude) * 0x1p112f);
  uint32_t special = magnitude | 0x7f800000; // infinities and NaNs
  uint32_t value = (bits & 0x7c00) == 0x7c00 ? special : finite;
  return std::bit_cast<float>(value | uint32_t(bits & 0x8000) << 16);
}

namespace {

float half(const char *at) {
  uint16_t bits;
  std::memcpy(&bits, at, 2);
  return halfToFloat(bits);
}

uint8_t byteAt(const char *at) { return uint8_t(*at); }
/// Value i of 32 nibbles: the low halves first, then the high ones.
int nibble(const char *at, int i) {
  return i < 16 ? byteAt(at + i) & 15 : byteAt(at + i - 16) >> 4;
}

/// Blocks of 32.
void decodeQ4_0(const char *b, float *y) {
  float d = half(b);
  for (int i = 0; i < 32; ++i)
    y[i] = float(nibble(b + 2, i) - 8) * d;
}

void decodeQ4_1(const char *b, float *y) {
  float d = half(b), m = half(b + 2);
  for (int i = 0; i < 32; ++i)
    y[i] = float(nibble(b + 4, i)) * d + m;
}

/// The fifth bits of 32 values are in four bytes before the nibbles.
int fiveBits(const char *b, int i) {
  return nibble(b + 4, i) | (byteAt(b + i / 8) >> i % 8 & 1) << 4;
}

void decodeQ5_0(const char *b, float *y) {
  float d = half(b);
  for (int i = 0; i < 32; ++i)
    y[i] = float(fiveBits(b + 2, i) - 16) * d;
}

void decodeQ5_1(const char *b, float *y) {
  float d = half(b), m = half(b + 2);
  for (int i = 0; i < 32; ++i)
    y[i] = float(fiveBits(b + 4, i)) * d + m;
}

void decodeQ8_0(const char *b, float *y) {
  float d = half(b);
  for (int i = 0; i < 32; ++i)
    y[i] = float(int8_t(b[2 + i])) * d;
}

/// Blocks of 256: 16 groups of 16, or 8 of 32.
void decodeQ2_K(const char *b, float *y) {
  const char *quants = b + 16;
  float d = half(b + 80), m = half(b + 82);
  for (int i = 0; i < 256; ++i) {
    uint8_t scales = byteAt(b + i / 16);
    int q = byteAt(quants + i / 128 * 32 + i % 32) >> i / 32 % 4 * 2 & 3;
    y[i] = d * float(scales & 15) * float(q) - m * float(scales >> 4);
  }
}

/// Sixteen scales of six bits: four low ones in nibbles, two high ones after.
int scaleQ3_K(const char *scales, int group) {
  int low = byteAt(scales + group % 8) >> group / 8 * 4 & 15;
  int high = byteAt(scales + 8 + group % 4) >> group / 4 * 2 & 3;
  return (low | high << 4) - 32;
}

void decodeQ3_K(const char *b, float *y) {
  const char *quants = b + 32, *scales = b + 96;
  float d = half(b + 108);
  for (int i = 0; i < 256; ++i) {
    int low = byteAt(quants + i / 128 * 32 + i % 32) >> i / 32 % 4 * 2 & 3;
    int high = byteAt(b + i % 32) >> i / 32 & 1;
    y[i] = d * float(scaleQ3_K(scales, i / 16)) * float(low + 4 * high - 4);
  }
}

/// Eight scales and eight minima of six bits each in twelve bytes.
std::pair<int, int> scaleAndMinimum(const char *s, int group) {
  if (group < 4)
    return {byteAt(s + group) & 63, byteAt(s + group + 4) & 63};
  int low = byteAt(s + group + 4);
  return {(low & 15) | byteAt(s + group - 4) >> 6 << 4,
          low >> 4 | byteAt(s + group) >> 6 << 4};
}

void decodeQ4_K(const char *b, float *y) {
  float d = half(b), m = half(b + 2);
  for (int group = 0; group < 8; ++group) {
    auto [scale, minimum] = scaleAndMinimum(b + 4, group);
    float d1 = d * float(scale), m1 = m * float(minimum);
    const char *quants = b + 16 + group / 2 * 32;
    for (int i = 0; i < 32; ++i)
      y[group * 32 + i] =
          d1 * float(byteAt(quants + i) >> group % 2 * 4 & 15) - m1;
  }
}

void decodeQ5_K(const char *b, float *y) {
  float d = half(b), m = half(b + 2);
  for (int group = 0; group < 8; ++group) {
    auto [scale, minimum] = scaleAndMinimum(b + 4, group);
    float d1 = d * float(scale), m1 = m * float(minimum);
    const char *quants = b + 48 + group / 2 * 32;
    for (int i = 0; i < 32; ++i) {
      int high = byteAt(b + 16 + i) >> group & 1;
      int q = (byteAt(quants + i) >> group % 2 * 4 & 15) + 16 * high;
      y[group * 32 + i] = d1 * float(q) - m1;
    }
  }
}

void decodeQ6_K(const char *b, float *y) {
  const char *high = b + 128, *scales = b + 192;
  float d = half(b + 208);
  for (int i = 0; i < 256; ++i) {
    int part = i / 128, quarter = i / 32 % 4;
    int low4 = byteAt(b + part * 64 + i % 64) >> quarter / 2 * 4 & 15;
    int high2 = byteAt(high + part * 32 + i % 32) >> quarter * 2 & 3;
    y[i] = d * float(int8_t(scales[i / 16])) * float((low4 | high2 << 4) - 32);
  }
}

constexpr BlockFormat formats[] = {
    {"Q4_0", 32, 18, decodeQ4_0},   {"Q4_1", 32, 20, decodeQ4_1},
    {"Q5_0", 32, 22, decodeQ5_0},   {"Q5_1", 32, 24, decodeQ5_1},
    {"Q8_0", 32, 34, decodeQ8_0},   {"Q2_K", 256, 84, decodeQ2_K},
    {"Q3_K", 256, 110, decodeQ3_K}, {"Q4_K", 256, 144, decodeQ4_K},
    {"Q5_K", 256, 176, decodeQ5_K}, {"Q6_K", 256, 210, decodeQ6_K}};

constexpr int64_t mostValues = 256;

} // namespace

const BlockFormat *findBlockFormat(llvm::StringRef name) {
  for (const BlockFormat &format : formats)
    if (format.name == name)
      return &format;
  return nullptr;
}

void decodeBlocks(const BlockFormat &format, const char *data, int64_t begin,
                  int64_t count, float *values) {
  float block[mostValues];
  for (int64_t end = begin + count; begin < end;) {
    int64_t inside = begin % format.values;
    int64_t taken = std::min(format.values - inside, end - begin);
    const char *from = data + begin / format.values * format.bytes;
    if (taken == format.values) {
      format.decode(from, values);
    } else {
      format.decode(from, block);
      std::copy_n(block + inside, taken, values);
    }
    values += taken;
    begin += taken;
  }
}

} // namespace weights
