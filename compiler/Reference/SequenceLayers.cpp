// Layers that look at the sequence or the position of a row, and those that
// make rows and drop them.
#include "compiler/Reference/Layers.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

namespace reference {

/// Calls body(row, position) for all rows in order.
template <class Body> static void forEachRow(const Matrix &x, Body body) {
  int64_t row = 0;
  for (int64_t length : x.lengths)
    for (int64_t position = 0; position < length; ++position)
      body(row++, position);
}

static void append(Matrix &to, const double *row) {
  to.values.insert(to.values.end(), row, row + to.width);
}

Matrix embed(const Input &input, const Weight &table, double scale) {
  Matrix x{table.columns, {}, {}};
  for (const std::vector<int32_t> &sequence : input.sequences) {
    x.lengths.push_back(sequence.size());
    for (int32_t token : sequence)
      for (int64_t m = 0; m < x.width; ++m)
        x.values.push_back(scale * table.row(token)[m]);
  }
  return x;
}

Matrix rowsOfInput(const Input &input, int64_t width) {
  Matrix x{width, {}, {}};
  for (const std::vector<float> &sequence : input.rows) {
    x.lengths.push_back(int64_t(sequence.size()) / width);
    x.values.insert(x.values.end(), sequence.begin(), sequence.end());
  }
  return x;
}

static double sinusoid(transformer::PositionOp op, int64_t position,
                       int64_t column, int64_t width) {
  int64_t pairs = width / 2;
  int64_t pair = op.getHalves() ? column % pairs : column / 2;
  bool isCosine = op.getHalves() ? column >= pairs : column % 2 != 0;
  double last = op.getInclusive() ? double(pairs - 1) : double(pairs);
  double angle = double(op.getFirst() + position) *
                 std::pow(10000.0, -double(pair) / last);
  return isCosine ? std::cos(angle) : std::sin(angle);
}

Matrix position(transformer::PositionOp op, const Matrix &x,
                const Weight *table) {
  Matrix y = x;
  forEachRow(x, [&](int64_t row, int64_t position) {
    for (int64_t m = 0; m < x.width; ++m)
      y.row(row)[m] +=
          table ? table->row(position)[m] : sinusoid(op, position, m, x.width);
  });
  return y;
}

Matrix queries(int64_t sequences, const Weight &table) {
  Matrix y{
      table.columns, std::vector<int64_t>(size_t(sequences), table.rows), {}};
  for (int64_t i = 0; i < sequences; ++i)
    y.values.insert(y.values.end(), table.values.begin(), table.values.end());
  return y;
}

Matrix types(transformer::TypesOp op, const Matrix &x, const Input &input,
             const Weight &table) {
  Matrix y = x;
  size_t sequence = 0;
  forEachRow(x, [&](int64_t row, int64_t position) {
    sequence += position == 0 && row > 0;
    int32_t type =
        input.types.empty() ? 0 : input.types[sequence][size_t(position)];
    for (int64_t m = 0; m < x.width; ++m)
      if (!op.getReplace())
        y.row(row)[m] += table.row(type)[m];
      else if (type > 0)
        y.row(row)[m] = table.row(type - 1)[m];
  });
  return y;
}

Matrix prepend(const Matrix &x, const Weight &table) {
  Matrix y{x.width, x.lengths, {}};
  for (int64_t &length : y.lengths)
    length += table.rows;
  forEachRow(x, [&](int64_t row, int64_t position) {
    if (position == 0)
      y.values.insert(y.values.end(), table.values.begin(), table.values.end());
    append(y, x.row(row));
  });
  return y;
}

Matrix rotary(transformer::RotaryOp op, const Matrix &x) {
  bool halves = op.getLayout() == transformer::RotaryLayout::Halves;
  int64_t pairs = op.getDim() / 2;
  Matrix y = x;
  forEachRow(x, [&](int64_t row, int64_t position) {
    for (int64_t d = 0; d < pairs; ++d) {
      double angle = double(position) * op.getFrequencies()[d];
      double c = op.getMagnitude() * std::cos(angle);
      double s = op.getMagnitude() * std::sin(angle);
      for (int64_t head = 0; head < x.width; head += op.getHeadDim()) {
        int64_t first = head + (halves ? d : 2 * d);
        int64_t second = halves ? first + pairs : first + 1;
        double u = x.row(row)[first], v = x.row(row)[second];
        y.row(row)[first] = u * c - v * s;
        y.row(row)[second] = u * s + v * c;
      }
    }
  });
  return y;
}

Matrix pool(transformer::PoolKind kind, const Matrix &x) {
  Matrix y{x.width, {}, {}};
  int64_t start = 0;
  for (int64_t length : x.lengths) {
    y.lengths.push_back(1);
    if (kind == transformer::PoolKind::First)
      append(y, x.row(start));
    else if (kind == transformer::PoolKind::Last)
      append(y, x.row(start + length - 1));
    else
      for (int64_t m = 0; m < x.width; ++m) {
        double sum = 0;
        for (int64_t row = start; row < start + length; ++row)
          sum += x.row(row)[m];
        y.values.push_back(sum / double(length));
      }
    start += length;
  }
  return y;
}

Matrix outputs(Outputs which, const Matrix &x) {
  return which == Outputs::All ? x : pool(transformer::PoolKind::Last, x);
}

double surest(const Matrix &scores, int64_t row) {
  llvm::ArrayRef<double> values(scores.row(row), scores.width);
  double most = *llvm::max_element(values), sum = 0;
  for (double value : values)
    sum += std::exp(value - most);
  return 1 / sum;
}

} // namespace reference
