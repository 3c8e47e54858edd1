// Pieces of tensors of others that are parameters of ours.
#include "compiler/Weights/Cut.h"
#include "compiler/Weights/Blocks.h"
#include "compiler/Weights/Fail.h"
#include "compiler/Weights/Layout.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

using namespace llvm;

namespace weights {

std::string showCut(StringRef tensor, const spec::WeightSource &source) {
  std::string text = tensor.str();
  if (!source.reshape.empty())
    text += fmt::format(".reshape({})", fmt::join(source.reshape, ", "));
  for (size_t k = 0; k < source.slices.size(); ++k) {
    auto [begin, end, index] = source.slices[k];
    text += k == 0 ? "[" : ", ";
    text += begin == 0 && end < 0 ? ":" : fmt::format("{}:", begin);
    text += end < 0 ? "" : fmt::to_string(end);
  }
  text += source.slices.empty() ? "" : "]";
  if (source.transpose)
    text += source.reshape.empty() ? ".T" : ".mT";
  return text + (source.unit ? ".unit()" : "");
}

/// The tensor's dimensions, or others of as many values.
static Expected<std::vector<int64_t>> reshaped(const Tensor &tensor,
                                               ArrayRef<int64_t> dims) {
  if (dims.empty())
    return tensor.shape;
  auto count = [](ArrayRef<int64_t> shape) {
    __int128 product = 1;
    for (int64_t dim : shape)
      product = std::min(product * dim, __int128(INT64_MAX));
    return product;
  };
  if (count(dims) != count(tensor.shape))
    return fail("has shape {}, which is not {}", showShape(tensor.shape),
                showShape(dims));
  return dims.vec();
}

bool Cut::keepsBlocks() const {
  if (dtype != DType::Blocks)
    return true;
  auto isWhole = [&](int64_t stride) { return stride % group == 0; };
  return !unit && begin % group == 0 && dims.back() % group == 0 &&
         strides.back() == 1 &&
         llvm::all_of(ArrayRef(strides).drop_back(), isWhole);
}

Expected<Cut> cutTensor(const Tensor &tensor,
                        const spec::WeightSource &source) {
  if (tensor.dtype == DType::Other)
    return fail("has type {}, which is not supported", tensor.dtypeName.str());
  if (tensor.bytes == 0)
    return fail("has shape {}: no values", showShape(tensor.shape));
  Cut result;
  result.unit = source.unit;
  result.data = tensor.data;
  result.dtype = tensor.dtype;
  result.blocks = tensor.blocks;
  Expected<std::vector<int64_t>> shape = reshaped(tensor, source.reshape);
  if (!shape)
    return shape.takeError();
  result.dims = *shape;
  result.strides.resize(shape->size());
  int64_t stride = 1;
  for (size_t k = shape->size(); k-- > 0;) {
    result.strides[k] = stride;
    stride *= (*shape)[k];
  }
  if (!source.slices.empty() && source.slices.size() != shape->size())
    return fail("has shape {}, {} slices are given", showShape(*shape),
                source.slices.size());
  for (size_t k = 0; k < source.slices.size(); ++k) {
    auto [begin, end, index] = source.slices[k];
    end = end < 0 ? (*shape)[k] : end;
    if (begin < 0 || begin > end || end > (*shape)[k])
      return fail("has shape {}, slice {}:{} is outside", showShape(*shape),
                  begin, end);
    result.dims[k] = end - begin;
    result.begin += begin * result.strides[k];
  }
  if (source.transpose) {
    // What has a new shape may have more than the two that change places.
    size_t stay = source.reshape.size() > 2 ? source.reshape.size() - 2 : 0;
    std::reverse(result.dims.begin() + stay, result.dims.end());
    std::reverse(result.strides.begin() + stay, result.strides.end());
  }
  return result;
}

bool fits(ArrayRef<int64_t> theirs, ArrayRef<int64_t> ours) {
  while (theirs.size() > ours.size() && theirs.front() == 1)
    theirs = theirs.drop_front();
  if (ours.empty() || theirs.size() < ours.size())
    return theirs.empty() && ours.empty();
  size_t last = ours.size() - 1;
  int64_t rest = 1;
  for (int64_t dim : theirs.drop_front(last))
    rest *= dim;
  return theirs.take_front(last) == ours.take_front(last) &&
         rest == ours.back();
}

void shorten(Cut &table, ArrayRef<int64_t> shape) {
  size_t rank = table.dims.size();
  if (shape.size() == 2 && rank >= 2 && table.dims[rank - 2] > shape[0] &&
      table.dims[rank - 1] == shape[1])
    table.dims[rank - 2] = shape[0];
}

bool spread(Cut &cut, ArrayRef<int64_t> shape) {
  while (cut.dims.size() > shape.size() && cut.dims.front() == 1) {
    cut.dims.erase(cut.dims.begin());
    cut.strides.erase(cut.strides.begin());
  }
  if (cut.dims.size() != shape.size())
    return false;
  for (size_t k = 0; k < shape.size(); ++k) {
    if (cut.dims[k] == shape[k])
      continue;
    if (cut.dims[k] != 1)
      return false;
    cut.dims[k] = shape[k];
    cut.strides[k] = 0;
  }
  return true;
}

Cut repeatValue(const float &value, ArrayRef<int64_t> shape) {
  Cut cut;
  cut.data = reinterpret_cast<const char *>(&value);
  cut.dims = shape.vec();
  cut.strides.assign(shape.size(), 0);
  return cut;
}

namespace {

/// Dimensions [begin, end) as one, if their elements are evenly spaced.
struct Axis {
  int64_t size = 1, stride = 0;
  bool even = true;
};
Axis mergeAxes(const Cut &cut, size_t begin, size_t end) {
  Axis axis;
  for (size_t k = end; k-- > begin;) {
    if (cut.dims[k] == 1)
      continue;
    if (axis.size == 1)
      axis.stride = cut.strides[k];
    else if (cut.strides[k] != axis.size * axis.stride)
      axis.even = false;
    axis.size *= cut.dims[k];
  }
  return axis;
}

class ViewReader : public RowReader {
public:
  explicit ViewReader(const View &view) : view(view) {}
  void read(int64_t begin, int64_t count, const Block &block) const override {
    copyRows(view, begin, count, block);
  }

protected:
  View view;
};

/// Rows of blocks, each decoded when it is read.
class BlockReader : public RowReader {
public:
  BlockReader(const Cut &cut, int64_t cols, int64_t rowStride)
      : cut(cut), cols(cols), rowStride(rowStride) {}
  void read(int64_t begin, int64_t count, const Block &block) const override {
    std::vector<float> row(static_cast<size_t>(cols));
    for (int64_t r = 0; r < count; ++r) {
      decodeBlocks(*cut.blocks, cut.data, cut.begin + (begin + r) * rowStride,
                   cols, row.data());
      View view = viewOf(row.data(), 1, cols);
      copyRows(view, 0, 1,
               {block.data + r * block.rowStride, 0, block.colStride});
    }
  }

  static View viewOf(const float *values, int64_t rows, int64_t cols) {
    return {reinterpret_cast<const char *>(values),
            DType::F32,
            rows,
            cols,
            cols,
            1};
  }

private:
  Cut cut;
  int64_t cols, rowStride;
};

/// `count` values of the cut, `stride` apart, from element `at` on.
void copyRunOf(const Cut &cut, int64_t at, int64_t count, int64_t stride,
               float *to) {
  if (cut.dtype == DType::Blocks) {
    for (int64_t i = 0; stride != 1 && i < count; ++i)
      decodeBlocks(*cut.blocks, cut.data, at + i * stride, 1, to + i);
    if (stride == 1)
      decodeBlocks(*cut.blocks, cut.data, at, count, to);
    return;
  }
  View run{
      cut.data + at * elementBytes(cut.dtype), cut.dtype, 1, count, 0, stride};
  copyRows(run, 0, 1, {to, 0, 1});
}

/// A cut that is no evenly spaced matrix of the wanted size, copied out.
class CopyReader : public ViewReader {
public:
  CopyReader(const Cut &cut, int64_t rows, int64_t cols)
      : ViewReader({}), values(size_t(cut.count())) {
    float *to = values.data();
    ArrayRef<int64_t> outer = ArrayRef(cut.dims).drop_back();
    std::vector<int64_t> reversed(outer.rbegin(), outer.rend());
    forEachIndex(reversed, [&](ArrayRef<int64_t> index) {
      int64_t at = cut.begin;
      for (size_t k = 0; k < index.size(); ++k)
        at += index[index.size() - 1 - k] * cut.strides[k];
      copyRunOf(cut, at, cut.dims.back(), cut.strides.back(), to);
      to += cut.dims.back();
    });
    view = BlockReader::viewOf(values.data(), rows, cols);
  }

private:
  std::vector<float> values;
};

/// Rows of length 1; those of zeros stay.
class UnitReader : public RowReader {
public:
  UnitReader(std::unique_ptr<RowReader> rows, int64_t cols)
      : rows(std::move(rows)), cols(cols) {}
  void read(int64_t begin, int64_t count, const Block &block) const override {
    rows->read(begin, count, block);
    for (int64_t r = 0; r < count; ++r) {
      float *row = block.data + r * block.rowStride;
      double squares = 0;
      for (int64_t c = 0; c < cols; ++c)
        squares += double(row[c * block.colStride]) * row[c * block.colStride];
      double length = std::max(std::sqrt(squares), 1e-12);
      for (int64_t c = 0; c < cols; ++c)
        row[c * block.colStride] = float(row[c * block.colStride] / length);
    }
  }

private:
  std::unique_ptr<RowReader> rows;
  int64_t cols;
};

class SumReader : public RowReader {
public:
  SumReader(std::unique_ptr<RowReader> first, std::unique_ptr<RowReader> second,
            int64_t cols)
      : first(std::move(first)), second(std::move(second)), cols(cols) {}
  void read(int64_t begin, int64_t count, const Block &block) const override {
    std::vector<float> row(static_cast<size_t>(cols));
    first->read(begin, count, block);
    for (int64_t r = 0; r < count; ++r) {
      second->read(begin + r, 1, {row.data(), cols, 1});
      for (int64_t c = 0; c < cols; ++c)
        block.data[r * block.rowStride + c * block.colStride] += row[c];
    }
  }

private:
  std::unique_ptr<RowReader> first, second;
  int64_t cols;
};

} // namespace

std::unique_ptr<RowReader> makeSum(std::unique_ptr<RowReader> first,
                                   std::unique_ptr<RowReader> second,
                                   int64_t cols) {
  return std::make_unique<SumReader>(std::move(first), std::move(second), cols);
}

/// Of the values as they are.
static std::unique_ptr<RowReader> makePlainReader(const Cut &cut, int64_t rows,
                                                  int64_t cols) {
  for (size_t split = 0; split <= cut.dims.size(); ++split) {
    Axis row = mergeAxes(cut, 0, split);
    Axis col = mergeAxes(cut, split, cut.dims.size());
    if (row.size != rows || col.size != cols || !row.even || !col.even)
      continue;
    if (cut.dtype != DType::Blocks)
      return std::make_unique<ViewReader>(
          View{cut.data + cut.begin * elementBytes(cut.dtype), cut.dtype, rows,
               cols, row.stride, col.stride});
    if (col.stride == 1 || cols == 1)
      return std::make_unique<BlockReader>(cut, cols, row.stride);
  }
  return std::make_unique<CopyReader>(cut, rows, cols);
}

std::unique_ptr<RowReader> makeReader(const Cut &cut, int64_t rows,
                                      int64_t cols) {
  std::unique_ptr<RowReader> reader = makePlainReader(cut, rows, cols);
  if (!cut.unit)
    return reader;
  return std::make_unique<UnitReader>(std::move(reader), cols);
}

} // namespace weights
