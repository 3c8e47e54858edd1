// Layers that treat every row alike.
#include "compiler/Reference/Layers.h"

#include <cmath>
#include <numbers>

namespace reference {

/// In eight sums, which a processor can add side by side.
static double dot(const double *x, const float *w, int64_t size) {
  double sums[8] = {};
  int64_t k = 0;
  for (; k + 8 <= size; k += 8)
    for (int lane = 0; lane < 8; ++lane)
      sums[lane] += x[k + lane] * w[k + lane];
  for (; k < size; ++k)
    sums[0] += x[k] * w[k];
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) +
         ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

/// As many rows as x, all 0.
static Matrix rowsLike(const Matrix &x, int64_t width) {
  return {width, x.lengths, std::vector<double>(x.rows() * width)};
}

/// The scale is a float: the rounding to it is no error of a program.
Matrix rounded(const Matrix &x, int64_t columns) {
  Matrix y = x;
  for (int64_t r = 0; r < x.rows(); ++r)
    for (int64_t start = 0; start < x.width; start += columns) {
      double *group = y.row(r) + start;
      int64_t size = std::min(columns, x.width - start);
      float largest = 0;
      for (int64_t k = 0; k < size; ++k)
        largest = std::max(largest, float(std::abs(group[k])));
      if (largest == 0)
        continue;
      float scale = largest / 127, inverse = 127 / largest;
      for (int64_t k = 0; k < size; ++k)
        group[k] = std::nearbyint(group[k] * inverse) * scale;
    }
  return y;
}

/// To eight bits of a fraction, ties to even.
Matrix roundedToBf16(const Matrix &x) {
  Matrix y = x;
  for (double &value : y.values) {
    int exponent;
    double fraction = std::frexp(value, &exponent);
    value = std::ldexp(std::nearbyint(fraction * 256), exponent - 8);
  }
  return y;
}

Matrix linear(const Matrix &x, const Weight &weight, const Weight *bias) {
  Matrix y = rowsLike(x, weight.rows);
  for (int64_t n = 0; n < weight.rows; ++n)
    for (int64_t r = 0; r < x.rows(); ++r)
      y.row(r)[n] = dot(x.row(r), weight.row(n), x.width) +
                    (bias ? bias->values[n] : 0.0);
  return y;
}

Matrix headLinear(transformer::HeadLinearOp op, const Matrix &x,
                  const Weight &weight, const Weight *bias) {
  int64_t heads = op.getHeads(), depth = op.depth(), outputs = op.outputs();
  Matrix y = rowsLike(x, heads * outputs);
  for (int64_t r = 0; r < x.rows(); ++r)
    for (int64_t h = 0; h < heads; ++h) {
      const double *in = x.row(r) + h * (x.width / heads);
      for (int64_t n = 0; n < outputs; ++n) {
        double sum = bias ? bias->values[h * outputs + n] : 0.0;
        for (int64_t k = 0; k < depth; ++k)
          sum += in[k] * (op.getTransposed() ? weight.row(h * depth + k)[n]
                                             : weight.row(h * outputs + n)[k]);
        y.row(r)[h * outputs + n] = sum;
      }
    }
  return y;
}

Matrix depthwise(const Matrix &x, const Weight &weight, const Weight *bias) {
  Matrix y = rowsLike(x, weight.rows);
  for (int64_t r = 0; r < x.rows(); ++r)
    for (int64_t c = 0; c < y.width; ++c) {
      double sum = bias ? bias->values[c] : 0.0;
      for (int64_t place = 0; place < weight.columns; ++place)
        sum += x.row(r)[place * y.width + c] * double(weight.row(c)[place]);
      y.row(r)[c] = sum;
    }
  return y;
}

Matrix shortConv(const Matrix &x, const Weight &weight, const Weight *bias) {
  Matrix y = rowsLike(x, weight.rows);
  int64_t start = 0;
  for (int64_t length : x.lengths) {
    for (int64_t r = 0; r < length; ++r)
      for (int64_t c = 0; c < y.width; ++c) {
        double sum = bias ? bias->values[c] : 0.0;
        for (int64_t back = 0; back < weight.columns && back <= r; ++back)
          sum += x.row(start + r - back)[c] *
                 double(weight.row(c)[weight.columns - 1 - back]);
        y.row(start + r)[c] = sum;
      }
    start += length;
  }
  return y;
}

Matrix norm(transformer::NormOp op, const Matrix &x, const Weight *weight,
            const Weight *bias) {
  bool centred = op.getKind() == transformer::NormKind::Layer;
  int64_t size = op.getGroup() ? op.getGroup() : x.width;
  Matrix y = x;
  for (int64_t start = 0; start < int64_t(x.values.size()); start += size) {
    const double *in = &x.values[start];
    double mean = 0, square = 0;
    for (int64_t m = 0; centred && m < size; ++m)
      mean += in[m] / double(size);
    for (int64_t m = 0; m < size; ++m)
      square += (in[m] - mean) * (in[m] - mean) / double(size);
    double root = std::sqrt(square + op.getEps());
    for (int64_t m = 0; m < size; ++m) {
      double w = weight ? op.getOffset() + weight->values[m] : 1.0;
      double b = bias ? bias->values[m] : 0.0;
      y.values[start + m] = (in[m] - mean) / root * w + b;
    }
  }
  return y;
}

static double activate(transformer::Activation kind, double x) {
  using transformer::Activation;
  using namespace std::numbers;
  switch (kind) {
  case Activation::Relu:
    return x > 0 ? x : 0;
  case Activation::Relu2:
    return x > 0 ? x * x : 0;
  case Activation::Gelu:
    return x * (1 + std::erf(x / sqrt2)) / 2;
  case Activation::GeluTanh:
    return x *
           (1 + std::tanh(sqrt2 * inv_sqrtpi * (x + 0.044715 * x * x * x))) / 2;
  case Activation::Silu:
    return x / (1 + std::exp(-x));
  case Activation::Tanh:
    return std::tanh(x);
  case Activation::EluPlusOne:
    return x > 0 ? x + 1 : std::exp(x);
  case Activation::Exp:
    return std::exp(x);
  case Activation::QuickGelu:
    return x / (1 + std::exp(-1.702 * x));
  case Activation::Sigmoid:
    return 1 / (1 + std::exp(-x));
  case Activation::LogSigmoid:
    return std::min(x, 0.0) - std::log1p(std::exp(-std::abs(x)));
  }
  llvm_unreachable("an activation");
}

Matrix activation(transformer::Activation kind, const Matrix &x) {
  Matrix y = x;
  for (double &value : y.values)
    value = activate(kind, value);
  return y;
}

Matrix scale(const Matrix &x, double factor) {
  Matrix y = x;
  for (double &value : y.values)
    value *= factor;
  return y;
}

Matrix gain(const Matrix &x, const Weight &weight) {
  Matrix y = x;
  for (int64_t r = 0; r < x.rows(); ++r)
    for (int64_t m = 0; m < x.width; ++m)
      y.row(r)[m] *= weight.values[m];
  return y;
}

Matrix softcap(const Matrix &x, double cap) {
  Matrix y = x;
  for (double &value : y.values)
    value = cap * std::tanh(value / cap);
  return y;
}

Matrix joinHeads(const Matrix &own, const Matrix &rest, int64_t heads,
                 int64_t from) {
  int64_t stride = from ? rest.width / heads : 0;
  int64_t behind = from ? stride - from : rest.width;
  Matrix joined;
  joined.width = own.width + heads * behind;
  joined.lengths = own.lengths;
  auto append = [&](const double *from, int64_t count) {
    joined.values.insert(joined.values.end(), from, from + count);
  };
  int64_t each = own.width / heads;
  for (int64_t row = 0; row < own.rows(); ++row)
    for (int64_t head = 0; head < heads; ++head) {
      append(own.row(row) + head * each, each);
      append(rest.row(row) + head * stride + from, behind);
    }
  return joined;
}

Matrix add(const Matrix &x, const Matrix &y) {
  Matrix sum = x;
  for (size_t i = 0; i < sum.values.size(); ++i)
    sum.values[i] += y.values[i];
  return sum;
}

Matrix multiply(const Matrix &x, const Matrix &y) {
  Matrix product = x;
  for (size_t i = 0; i < product.values.size(); ++i)
    product.values[i] *= y.values[i];
  return product;
}

} // namespace reference
