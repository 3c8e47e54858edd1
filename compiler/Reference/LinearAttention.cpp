// Attention that generated code computes by running sums, by the weights of all
// pairs of rows, and the features of queries and keys.
#include "compiler/Reference/Layers.h"

#include <algorithm>
#include <cmath>

namespace reference {

/// `relative` is of no matter to what is computed; here it is computed.
Matrix randomFeatures(transformer::RandomFeaturesOp op, const Matrix &x,
                      const Weight &weight) {
  const int64_t heads = op.getHeads(), N = weight.rows, D = weight.columns;
  Matrix y{heads * N, x.lengths, std::vector<double>(x.rows() * heads * N)};
  const double root = std::pow(double(D), -0.25);
  for (int64_t i = 0; i < x.rows() * heads; ++i) {
    const double *in = x.values.data() + i * D;
    double *out = y.values.data() + i * N;
    double square = 0, most = -HUGE_VAL;
    for (int64_t d = 0; d < D; ++d)
      square += root * in[d] * root * in[d];
    for (int64_t n = 0; n < N; ++n) {
      for (int64_t d = 0; d < D; ++d)
        out[n] += weight.row(n)[d] * root * in[d];
      most = std::max(most, out[n]);
    }
    for (int64_t n = 0; n < N; ++n)
      out[n] = op.getRelative()
                   ? std::exp(out[n] - most)
                   : std::exp(out[n] - square / 2) / std::sqrt(double(N));
  }
  return y;
}

Matrix linearAttention(transformer::LinearAttentionOp op, const Matrix &q,
                       const Matrix &k, const Matrix &v, const Matrix &decay,
                       llvm::ArrayRef<int64_t> prefixes) {
  const bool causal = op.getMask() != transformer::Mask::None;
  const int64_t shared = op.getHeads() / op.getKvHeads();
  const std::vector<int64_t> ends = prefixEnds(op.getMask(), q, prefixes);
  int64_t at = 0; // the row that `attend` asks for
  auto sees = [&](int64_t row, int64_t start, int64_t end) {
    at = row;
    int64_t last = std::max(row + 1, ends[size_t(row)]);
    return std::pair(start, causal ? last : end);
  };
  /// A row has decayed at each one behind it, up to the query's.
  auto fade = [&](int64_t group, std::vector<double> &scores) {
    double left = 1;
    for (size_t behind = 1; behind < scores.size(); ++behind) {
      int64_t row = decay.rows() == 1 ? 0 : at - int64_t(behind) + 1;
      left *= decay.row(row)[group];
      scores[scores.size() - 1 - behind] *= left;
    }
  };
  auto weigh = [&](int64_t head, int64_t, std::vector<double> &scores) {
    if (decay.width)
      fade(head / shared, scores);
    divide(scores, op.getNormalise());
  };
  return attend(op.getHeads(), op.getKvHeads(), q, k, v, sees, weigh);
}

/// Row by row, S being [D, E] of a head of keys.
Matrix deltaAttention(transformer::LinearAttentionOp op, const Matrix &q,
                      const Matrix &k, const Matrix &v, const Matrix &decay,
                      const Matrix &delta) {
  const int64_t heads = op.getHeads(), groups = op.getKvHeads();
  const int64_t D = k.width / groups, E = v.width / groups;
  Matrix y{heads * E, q.lengths, std::vector<double>(q.rows() * heads * E)};
  for (int64_t head = 0; head < heads; ++head) {
    const int64_t group = head / (heads / groups);
    int64_t row = 0;
    for (int64_t length : q.lengths) {
      std::vector<double> sums(size_t(D * E));
      for (int64_t end = row + length; row < end; ++row) {
        const double *key = k.row(row) + group * D;
        if (decay.width)
          for (double &sum : sums)
            sum *= decay.row(decay.rows() == 1 ? 0 : row)[group];
        for (int64_t e = 0; e < E; ++e) {
          double left = v.row(row)[group * E + e];
          for (int64_t d = 0; d < D; ++d)
            left -= key[d] * sums[size_t(d * E + e)];
          left *= delta.row(row)[group];
          double &read = y.row(row)[head * E + e];
          for (int64_t d = 0; d < D; ++d) {
            sums[size_t(d * E + e)] += key[d] * left;
            read += q.row(row)[head * D + d] * sums[size_t(d * E + e)];
          }
        }
      }
    }
  }
  return y;
}

} // namespace reference
