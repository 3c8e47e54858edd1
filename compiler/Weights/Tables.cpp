// Tables that follow from a model's sizes.
#include "compiler/Weights/Tables.h"

#include <algorithm>
#include <cmath>

namespace weights {
namespace {

void scatter(const std::vector<float> &row, float *to, int64_t stride) {
  for (size_t c = 0; c < row.size(); ++c)
    to[int64_t(c) * stride] = row[c];
}

/// Row p, column j of a head: cos(p * w) or (-1)^(j + 1) * sin(p * w) with the
/// frequency w = frequencies[j / 2]; neighbours j = 2d, 2d + 1 are partners.
class RotaryReader : public RowReader {
public:
  explicit RotaryReader(const Part &part) : part(part) {}

  void read(int64_t begin, int64_t count, const Block &block) const override {
    std::vector<float> row(size_t(part.cols));
    for (int64_t r = 0; r < count; ++r) {
      fillRow(begin + r, row);
      scatter(row, block.data + r * block.rowStride, block.colStride);
    }
  }

private:
  void fillRow(int64_t position, std::vector<float> &row) const {
    const RotaryTable &table = part.table;
    bool cosines = part.origin == Origin::RotaryCos;
    for (int64_t j = 0; j < std::min(table.headDim, part.cols); ++j) {
      if (j >= table.dim) {
        row[size_t(j)] = cosines ? 1.0f : 0.0f;
        continue;
      }
      double angle = double(position) * table.frequencies[size_t(j / 2)];
      double value = cosines      ? std::cos(angle)
                     : j % 2 == 0 ? -std::sin(angle)
                                  : std::sin(angle);
      row[size_t(j)] = float(value * table.magnitude);
    }
    for (int64_t j = table.headDim; j < part.cols; ++j)
      row[size_t(j)] = row[size_t(j - table.headDim)];
  }

  const Part &part;
};

/// Vaswani et al. 2017, section 3.5: sines at even columns 2i, cosines at odd
/// ones, of position / 10000^(2i / cols); or by halves.
class SinusoidReader : public RowReader {
public:
  explicit SinusoidReader(const Part &part) : part(part) {}

  void read(int64_t begin, int64_t count, const Block &block) const override {
    std::vector<float> row(size_t(part.cols));
    for (int64_t r = 0; r < count; ++r) {
      for (int64_t c = 0; c < part.cols; ++c) {
        bool halves = part.origin == Origin::SinusoidHalves;
        int64_t i = halves ? c % (part.cols / 2) : c / 2;
        bool isSine = halves ? c < part.cols / 2 : c % 2 == 0;
        double angle = angleOf(double(begin + r) + part.table.first, i);
        row[size_t(c)] = float(isSine ? std::sin(angle) : std::cos(angle));
      }
      scatter(row, block.data + r * block.rowStride, block.colStride);
    }
  }

private:
  double angleOf(double position, int64_t i) const {
    if (!part.table.frequencies.empty())
      return position * part.table.frequencies[size_t(i)];
    return position / std::pow(10000.0, double(2 * i) / double(part.cols));
  }

  const Part &part;
};

} // namespace

std::unique_ptr<RowReader> makeTable(const Part &part) {
  if (part.origin == Origin::Sinusoid || part.origin == Origin::SinusoidHalves)
    return std::make_unique<SinusoidReader>(part);
  return std::make_unique<RotaryReader>(part);
}

} // namespace weights
