// Copies go through a tile that fits the first-level cache: it is filled along
// the unit stride of the source and emptied along that of the destination.
#include "compiler/Weights/BlockCopy.h"
#include "compiler/Weights/Blocks.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace weights {
namespace {

static_assert(std::endian::native == std::endian::little,
              "files hold little-endian values and are read in place");

constexpr int64_t tile = 64;
constexpr int64_t tileStride = tile + 1; // columns spread over the cache sets

struct F32 {
  static constexpr int64_t bytes = 4;
  static float load(const char *p) {
    float value;
    std::memcpy(&value, p, 4);
    return value;
  }
};

struct F64 {
  static constexpr int64_t bytes = 8;
  static float load(const char *p) {
    double value;
    std::memcpy(&value, p, 8);
    return float(value);
  }
};

struct BF16 {
  static constexpr int64_t bytes = 2;
  static float load(const char *p) {
    uint16_t bits;
    std::memcpy(&bits, p, 2);
    return std::bit_cast<float>(uint32_t(bits) << 16);
  }
};

struct F16 {
  static constexpr int64_t bytes = 2;
  static float load(const char *p) {
    uint16_t bits;
    std::memcpy(&bits, p, 2);
    return halfToFloat(bits);
  }
};

template <typename T>
void copyRun(const char *from, int64_t stride, float *to, int64_t toStride,
             int64_t count) {
  if (stride == 1 && toStride == 1) {
    for (int64_t i = 0; i < count; ++i)
      to[i] = T::load(from + i * T::bytes);
    return;
  }
  for (int64_t i = 0; i < count; ++i)
    to[i * toStride] = T::load(from + i * stride * T::bytes);
}

/// The source's rows [row, row + rows) and columns [col, col + cols), at most a
/// tile, to the block's origin.
template <typename T>
void copyTile(const View &view, int64_t row, int64_t rows, int64_t col,
              int64_t cols, float *to, const Block &block) {
  float values[tile * tileStride];
  const char *from =
      view.data + (row * view.rowStride + col * view.colStride) * T::bytes;
  if (view.colStride == 1) {
    for (int64_t r = 0; r < rows; ++r)
      copyRun<T>(from + r * view.rowStride * T::bytes, 1,
                 values + r * tileStride, 1, cols);
    for (int64_t c = 0; c < cols; ++c)
      copyRun<F32>(reinterpret_cast<const char *>(values + c), tileStride,
                   to + c * block.colStride, block.rowStride, rows);
    return;
  }
  for (int64_t c = 0; c < cols; ++c)
    copyRun<T>(from + c * view.colStride * T::bytes, view.rowStride,
               values + c * tileStride, 1, rows);
  for (int64_t r = 0; r < rows; ++r)
    copyRun<F32>(reinterpret_cast<const char *>(values + r), tileStride,
                 to + r * block.rowStride, block.colStride, cols);
}

template <typename T>
void copy(const View &view, int64_t begin, int64_t count, const Block &block) {
  if (view.colStride == 1 && block.colStride == 1) {
    for (int64_t r = 0; r < count; ++r)
      copyRun<T>(view.data + (begin + r) * view.rowStride * T::bytes, 1,
                 block.data + r * block.rowStride, 1, view.cols);
    return;
  }
  if (view.rowStride == 1 && block.rowStride == 1) {
    for (int64_t c = 0; c < view.cols; ++c)
      copyRun<T>(view.data + (begin + c * view.colStride) * T::bytes, 1,
                 block.data + c * block.colStride, 1, count);
    return;
  }
  for (int64_t r = 0; r < count; r += tile)
    for (int64_t c = 0; c < view.cols; c += tile)
      copyTile<T>(view, begin + r, std::min(tile, count - r), c,
                  std::min(tile, view.cols - c),
                  block.data + r * block.rowStride + c * block.colStride,
                  block);
}

} // namespace

void copyRows(const View &view, int64_t begin, int64_t count,
              const Block &block) {
  switch (view.dtype) {
  case DType::F32:
    return copy<F32>(view, begin, count, block);
  case DType::F16:
    return copy<F16>(view, begin, count, block);
  case DType::BF16:
    return copy<BF16>(view, begin, count, block);
  case DType::F64:
    return copy<F64>(view, begin, count, block);
  case DType::Blocks:
  case DType::Other:
    return;
  }
}

int64_t elementBytes(DType dtype) {
  switch (dtype) {
  case DType::F32:
    return 4;
  case DType::F16:
  case DType::BF16:
    return 2;
  case DType::F64:
    return 8;
  case DType::Blocks:
  case DType::Other:
    return 0;
  }
  return 0;
}

} // namespace weights
