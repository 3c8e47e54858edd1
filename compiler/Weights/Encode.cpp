// Groups are quantised some rows at a time, so that every step is one operation
// on a vector of them; sums run along a group in ascending order. So the bytes
// are the same on every CPU (built without contraction), and what is called for
// each panel exists once for each vector width.
#include "compiler/Weights/Encode.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

namespace weights {
namespace {

// INLINE is what becomes part of a function FOR_EACH_CPU, and so of its width.
#define INLINE [[gnu::always_inline]] inline
#if defined(__x86_64__)
#define FOR_EACH_CPU                                                           \
  [[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]]
#else
#define FOR_EACH_CPU
#endif

constexpr float largestF16 = 65504;
constexpr int64_t lanes = 16;

/// A value of each of some rows. Comparisons choose lane by lane: `a < b ? c :
/// d`.
using Lanes = float __attribute__((vector_size(4 * lanes)));
using Bits = uint32_t __attribute__((vector_size(4 * lanes)));
using Ints = int32_t __attribute__((vector_size(4 * lanes)));
using Group = std::array<Lanes, group>; ///< its columns

INLINE Lanes magnitude(Lanes x) { return Lanes(Bits(x) & 0x7fffffff); }

/// The nearest f16 as a float, ties to even; the largest one for values beyond.
INLINE Lanes roundToF16(Lanes x) {
  Lanes size = magnitude(x);
  size = size < largestF16 ? size : largestF16;
  Bits bits = Bits(size);
  Lanes normal = Lanes((bits + 0xfff + (bits >> 13 & 1)) & ~0x1fffU);
  Lanes subnormal = size + 0.75f - 0.75f; // steps of 2^-24 below 1
  return Lanes(Bits(size < 0x1p-14f ? subnormal : normal) |
               (Bits(x) & 0x80000000));
}

/// The nearest integer within the range, ties to even.
template <class Q> INLINE Lanes nearest(Lanes x, Lanes least) {
  constexpr float magic = 0x1.8p23f; // its neighbours are integers
  x = x + magic - magic;
  x = x < Q::most ? x : Q::most;
  return x > least ? x : least;
}

INLINE Lanes inverse(Lanes scale) {
  return scale == 0.0f ? 0.0f : 1.0f / scale;
}

/// x - q * scale. The product of an integer of the range and an f16 is exact,
/// so it may be fused.
INLINE Lanes errorOf(Lanes x, Lanes q, Lanes scale) {
#if defined(__clang__)
#pragma clang fp contract(fast)
#endif
  return x - q * scale;
}

/// With each of some scales. Their sums do not wait for one another.
template <class Q, size_t count>
INLINE std::array<Lanes, count>
squaredErrors(const Group &x, const std::array<Lanes, count> &scales,
              Lanes least) {
  std::array<Lanes, count> by, sums = {};
  for (size_t i = 0; i < count; ++i)
    by[i] = inverse(scales[i]);
  for (Lanes column : x)
    for (size_t i = 0; i < count; ++i) {
      Lanes error =
          errorOf(column, nearest<Q>(column * by[i], least), scales[i]);
      sums[i] += error * error;
    }
  return sums;
}

template <class Q>
INLINE Lanes squaredError(const Group &x, Lanes scale, Lanes least) {
  return squaredErrors<Q>(x, std::array{scale}, least)[0];
}

/// The scales that fit the integers of `scale` best: sum x q / sum q q.
template <class Q>
INLINE Lanes leastSquares(const Group &x, Lanes scale, Lanes least) {
  Lanes by = inverse(scale), xq = {}, qq = {};
  for (Lanes column : x) {
    Lanes q = nearest<Q>(column * by, least);
    xq += column * q;
    qq += q * q;
  }
  return qq == 0.0f ? 0.0f : xq / qq;
}

/// The value of largest magnitude of each row; NaN if one is not finite.
INLINE Lanes extremes(const Group &x) {
  Lanes extreme = {}, zero = {};
  for (Lanes column : x) {
    zero += column * 0.0f;
    extreme = magnitude(column) > magnitude(extreme) ? column : extreme;
  }
  return extreme + zero;
}

using Integers = std::array<Bits, group>; ///< q + bias

struct Int8 {
  static constexpr float least = -127, most = 127, bias = 128;
  static constexpr float lowest = -128;   ///< only of what is held exactly
  static constexpr uint32_t never = 0x3f; ///< bits of no f16 times an integer
  static constexpr bool isSigned = false;
  static constexpr float divisors[] = {127, 126, 125, 124, 123, 122, 121, 120};
  static constexpr int64_t dwords = 8;
  /// Columns 4j..4j+3.
  INLINE static Bits dwordOf(const Integers &q, int64_t j) {
    Bits dword = {};
    for (int64_t i = 0; i < 4; ++i)
      dword |= q[size_t(4 * j + i)] << uint32_t(8 * i);
    return dword;
  }
};

struct Int4 {
  static constexpr float least = -8, most = 7, bias = 8, lowest = -8;
  static constexpr uint32_t never = 0x3ff;
  static constexpr bool isSigned = true;
  static constexpr float divisors[] = {-8, 7,     6,    5,    4, -7.5F,
                                       -9, -8.5F, 7.5F, 6.5F, 8};
  static constexpr int64_t dwords = 4;
  /// Columns 8j..8j+3 in the low halves, 8j+4..8j+7 in the high ones.
  INLINE static Bits dwordOf(const Integers &q, int64_t j) {
    Bits dword = {};
    for (int64_t i = 0; i < 4; ++i)
      dword |= (q[size_t(8 * j + i)] | q[size_t(8 * j + 4 + i)] << 4U)
               << uint32_t(8 * i);
    return dword;
  }
};

struct Scales {
  Lanes scale;
  Lanes least; ///< of the integers that go with it
};

/// The scale with the least error of those that Encode.h names.
template <class Q>
INLINE Lanes searchScales(const Group &x, Lanes extreme, Lanes &error) {
  constexpr size_t together = 4; // what the registers have room for
  constexpr size_t last = std::size(Q::divisors) - 1;
  Lanes best = {}, least = Q::least + best;
  error = INFINITY + best;
  auto consider = [&](Lanes scale, Lanes other) __attribute__((always_inline)) {
    best = other < error ? scale : best;
    error = other < error ? other : error;
  };
  auto candidate = [](Lanes exact) __attribute__((always_inline)) {
    return roundToF16(exact) + 0.0f; // a zero has no sign
  };
  Lanes size = Q::isSigned ? extreme : magnitude(extreme);
  for (size_t k = 0; k <= last; k += together) {
    std::array<Lanes, together> scales; // the last one may be there again
    for (size_t i = 0; i < together; ++i)
      scales[i] = candidate(size / Q::divisors[std::min(k + i, last)]);
    std::array<Lanes, together> errors = squaredErrors<Q>(x, scales, least);
    for (size_t i = 0; i < together; ++i)
      consider(scales[i], errors[i]);
  }
  Lanes fitted = candidate(leastSquares<Q>(x, best, least));
  consider(fitted, squaredError<Q>(x, fitted, least));
  return best;
}

INLINE bool isAnyNonzero(Lanes x) {
  bool nonzero = false;
  for (int64_t l = 0; l < lanes; ++l)
    nonzero |= x[l] != 0.0f;
  return nonzero;
}

/// The greatest number that all columns are multiples of, by Euclid's
/// algorithm; 0 if one would be more than `most` times it. Of integers times an
/// f16 all steps are exact; what comes of other values is checked later.
INLINE Lanes commonUnits(const Group &x, Lanes extreme, float most) {
  Lanes unit = magnitude(extreme);
  Lanes floor = unit == 0.0f ? INFINITY + unit : unit / most * 0.999f;
  for (Lanes column : x) {
    Lanes rest = magnitude(column);
    while (isAnyNonzero(rest)) {
      Bits tooSmall = Bits(rest > 0.0f) & Bits(rest < floor);
      floor = tooSmall ? INFINITY + rest : floor;
      unit = tooSmall ? 0.0f * rest : unit;
      rest = rest < floor ? 0.0f * rest : rest;
      Lanes divisor = rest == 0.0f ? 1.0f + rest : rest;
      Lanes times = __builtin_convertvector(
          __builtin_convertvector(unit / divisor, Ints), Lanes);
      Lanes left = rest == 0.0f ? rest : unit - times * rest;
      unit = rest == 0.0f ? unit : rest;
      rest = left;
    }
    if (!isAnyNonzero(unit))
      break;
  }
  return unit;
}

/// The scales with which all values are integers of the range; 0 without one.
template <class Q> INLINE Lanes exactScales(const Group &x, Lanes extreme) {
  Bits used = {};
  for (Lanes column : x)
    used |= Bits(column);
  extreme = (used & Q::never) == 0 ? extreme : Lanes{};
  if (!isAnyNonzero(extreme))
    return {};
  Lanes unit = commonUnits(x, extreme, -Q::lowest);
  Lanes scale = {}, open = unit;
  for (float parts = 1; parts <= -Q::lowest && isAnyNonzero(open); ++parts) {
    Lanes part = roundToF16(unit / parts);
    Bits fits = Bits(part * parts == unit) & Bits(open != 0.0f);
    scale = fits ? part : scale;
    open = fits ? 0.0f * part : open;
  }
  Lanes lowest = Q::lowest + Lanes{};
  Lanes up = squaredError<Q>(x, scale, lowest);
  Lanes down = squaredError<Q>(x, -scale, lowest);
  return up == 0.0f ? scale : down == 0.0f ? -scale : Lanes{};
}

template <class Q> INLINE Scales chooseScales(const Group &x, Lanes extreme) {
  Lanes error;
  Scales result = {searchScales<Q>(x, extreme, error), Q::least + Lanes{}};
  if (!isAnyNonzero(error))
    return result;
  Lanes exact = exactScales<Q>(x, error == 0.0f ? Lanes{} : extreme);
  result.scale = exact == 0.0f ? result.scale : exact;
  result.least = exact == 0.0f ? result.least : Q::lowest + exact * 0.0f;
  return result;
}

/// One group of `count` rows: dwords [..][panel], then scales [panel]. False if
/// a value does not fit.
template <class Q>
INLINE bool encodeGroup(const Group &x, int64_t row, int64_t count,
                        int64_t panel, char *out) {
  Lanes extreme = extremes(x);
  for (int64_t l = 0; l < lanes; ++l)
    if (!(std::fabs(extreme[l]) <= largestF16 * Q::most))
      return false;
  Scales scales = chooseScales<Q>(x, extreme);
  Lanes by = inverse(scales.scale);
  Integers q;
  for (int64_t k = 0; k < group; ++k)
    q[size_t(k)] = __builtin_convertvector(
        nearest<Q>(x[size_t(k)] * by, scales.least) + Q::bias, Bits);
  for (int64_t j = 0; j < Q::dwords; ++j) {
    Bits dwords = Q::dwordOf(q, j);
    std::memcpy(out + 4 * (j * panel + row), &dwords, 4 * size_t(count));
  }
  std::array<uint16_t, lanes> bits;
  for (int64_t l = 0; l < lanes; ++l)
    bits[l] = toF16(scales.scale[l]);
  std::memcpy(out + 4 * Q::dwords * panel + 2 * row, bits.data(),
              2 * size_t(count));
  return true;
}

template <class Q>
INLINE bool encodeGroups(const float *values, int64_t cols, int64_t panel,
                         char *out) {
  for (int64_t c = 0; c < cols; c += group) {
    for (int64_t row = 0; row < panel; row += lanes) {
      int64_t count = std::min(lanes, panel - row);
      Group x = {};
      for (int64_t k = 0; k < group; ++k)
        std::memcpy(&x[size_t(k)], values + (c + k) * panel + row,
                    4 * size_t(count));
      if (!encodeGroup<Q>(x, row, count, panel, out))
        return false;
    }
    out += (4 * Q::dwords + 2) * panel;
  }
  return true;
}

FOR_EACH_CPU bool encodeInt8(const float *values, int64_t cols, int64_t panel,
                             char *out) {
  return encodeGroups<Int8>(values, cols, panel, out);
}

FOR_EACH_CPU bool encodeInt4(const float *values, int64_t cols, int64_t panel,
                             char *out) {
  return encodeGroups<Int4>(values, cols, panel, out);
}

FOR_EACH_CPU void encodePairs(const float *values, int64_t cols, int64_t panel,
                              char *out) {
  for (int64_t c = 0; c < cols; c += 2) {
    const float *even = values + c * panel, *odd = even + panel;
    for (int64_t row = 0; row < panel; ++row) {
      uint32_t pair = toBf16(even[row]) | uint32_t(toBf16(odd[row])) << 16;
      std::memcpy(out + 4 * row, &pair, 4);
    }
    out += 4 * panel;
  }
}

} // namespace

uint16_t toBf16(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  uint32_t quiet = bits >> 16 | 0x40;
  return uint16_t((bits & 0x7fffffff) > 0x7f800000 ? quiet : rounded);
}

uint16_t toF16(float value) {
  float size = magnitude(roundToF16(Lanes{value}))[0];
  uint32_t bits = std::bit_cast<uint32_t>(size);
  uint32_t normal = (bits >> 13) - (112 << 10); // the exponent's bias is less
  uint32_t subnormal = uint32_t(int32_t(size * 0x1p24f));
  return uint16_t((size < 0x1p-14f ? subnormal : normal) |
                  (std::signbit(value) ? 0x8000 : 0));
}

int64_t paddedCols(Format format, int64_t cols) {
  switch (format) {
  case Format::F32:
    return cols;
  case Format::Bf16:
    return (cols + 1) / 2 * 2;
  case Format::Int8:
  case Format::Int4:
    return (cols + group - 1) / group * group;
  }
  return cols;
}

int64_t panelBytes(Format format, int64_t cols, int64_t panel) {
  int64_t padded = paddedCols(format, cols);
  switch (format) {
  case Format::F32:
    return 4 * padded * panel;
  case Format::Bf16:
    return 2 * padded * panel;
  case Format::Int8:
    return padded / group * (4 * Int8::dwords + 2) * panel;
  case Format::Int4:
    return padded / group * (4 * Int4::dwords + 2) * panel;
  }
  return 0;
}

bool encodePanel(Format format, const float *values, int64_t cols,
                 int64_t panel, char *out) {
  switch (format) {
  case Format::F32:
    break;
  case Format::Bf16:
    encodePairs(values, cols, panel, out);
    return true;
  case Format::Int8:
    return encodeInt8(values, cols, panel, out);
  case Format::Int4:
    return encodeInt4(values, cols, panel, out);
  }
  return false;
}

} // namespace weights
