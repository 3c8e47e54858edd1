// Pieces of tensors of others that are parameters of ours.
#include "compiler/Weights/Cut.h"
#include "compiler/Weights/Fail.h"

#include <algorithm>

using namespace llvm;

namespace weights {

std::string showCut(StringRef tensor, const spec::WeightSource &source) {
  std::string text = tensor.str();
  for (size_t k = 0; k < source.slices.size(); ++k) {
    auto [begin, end] = source.slices[k];
    text += k == 0 ? "[" : ", ";
    text += begin == 0 && end < 0 ? ":" : fmt::format("{}:", begin);
    text += end < 0 ? "" : fmt::to_string(end);
  }
  text += source.slices.empty() ? "" : "]";
  return text + (source.transpose ? ".T" : "");
}

Expected<Cut> cutTensor(const Tensor &tensor,
                        const spec::WeightSource &source) {
  if (tensor.dtype == DType::Other)
    return fail("has type {}, expected F32, F16, BF16 or F64",
                tensor.dtypeName.str());
  if (tensor.bytes == 0)
    return fail("has shape {}: no values", showShape(tensor.shape));
  Cut result{tensor.data, tensor.dtype, tensor.shape,
             std::vector<int64_t>(tensor.shape.size())};
  int64_t stride = 1;
  for (size_t k = tensor.shape.size(); k-- > 0;) {
    result.strides[k] = stride;
    stride *= tensor.shape[k];
  }
  if (!source.slices.empty() && source.slices.size() != tensor.shape.size())
    return fail("has shape {}, {} slices are given", showShape(tensor.shape),
                source.slices.size());
  for (size_t k = 0; k < source.slices.size(); ++k) {
    auto [begin, end] = source.slices[k];
    end = end < 0 ? tensor.shape[k] : end;
    if (begin < 0 || begin > end || end > tensor.shape[k])
      return fail("has shape {}, slice {}:{} is outside",
                  showShape(tensor.shape), begin, end);
    result.dims[k] = end - begin;
    result.data += begin * result.strides[k] * elementBytes(tensor.dtype);
  }
  if (source.transpose) {
    std::reverse(result.dims.begin(), result.dims.end());
    std::reverse(result.strides.begin(), result.strides.end());
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

private:
  View view;
};

/// A cut that is no evenly spaced matrix of the wanted size, copied out.
class CopyReader : public RowReader {
public:
  CopyReader(const Cut &cut, int64_t rows, int64_t cols)
      : values(size_t(cut.count())) {
    float *to = values.data();
    ArrayRef<int64_t> outer = ArrayRef(cut.dims).drop_back();
    std::vector<int64_t> reversed(outer.rbegin(), outer.rend());
    forEachIndex(reversed, [&](ArrayRef<int64_t> index) {
      int64_t at = 0;
      for (size_t k = 0; k < index.size(); ++k)
        at += index[index.size() - 1 - k] * cut.strides[k];
      View run{cut.data + at * elementBytes(cut.dtype),
               cut.dtype,
               1,
               cut.dims.back(),
               0,
               cut.strides.back()};
      copyRows(run, 0, 1, {to, 0, 1});
      to += run.cols;
    });
    view = {reinterpret_cast<const char *>(values.data()),
            DType::F32,
            rows,
            cols,
            cols,
            1};
  }
  void read(int64_t begin, int64_t count, const Block &block) const override {
    copyRows(view, begin, count, block);
  }

private:
  std::vector<float> values;
  View view;
};

} // namespace

std::unique_ptr<RowReader> makeReader(const Cut &cut, int64_t rows,
                                      int64_t cols) {
  for (size_t split = 0; split <= cut.dims.size(); ++split) {
    Axis row = mergeAxes(cut, 0, split);
    Axis col = mergeAxes(cut, split, cut.dims.size());
    if (row.size == rows && col.size == cols && row.even && col.even)
      return std::make_unique<ViewReader>(
          View{cut.data, cut.dtype, rows, cols, row.stride, col.stride});
  }
  return std::make_unique<CopyReader>(cut, rows, cols);
}

} // namespace weights
