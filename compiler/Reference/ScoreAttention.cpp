// Attention with the scores as weights, one row and head after the other.
#include "compiler/Reference/Layers.h"

#include <algorithm>
#include <numeric>

namespace reference {

/// Scores become weights, normalised.
static void weigh(transformer::ScoreAttentionOp op,
                  std::vector<double> &scores) {
  double norm = 1;
  if (op.getScores() == transformer::Scores::Relu)
    for (double &score : scores)
      score = std::max(score, 0.0);
  if (op.getScores() == transformer::Scores::Hard && !scores.empty()) {
    double best = *std::max_element(scores.begin(), scores.end());
    norm = std::count(scores.begin(), scores.end(), best);
    for (double &score : scores)
      score = score == best;
  }
  if (op.getNormalise() == transformer::Normalise::Rows)
    norm = std::accumulate(scores.begin(), scores.end(), 0.0);
  if (op.getNormalise() == transformer::Normalise::Number)
    norm = double(scores.size());
  for (double &score : scores)
    score = norm == 0 ? 0 : score / norm;
}

Matrix scoreAttention(transformer::ScoreAttentionOp op, const Matrix &q,
                      const Matrix &k, const Matrix &v) {
  const int64_t heads = op.getHeads(), group = heads / op.getKvHeads();
  const int64_t D = q.width / heads, E = v.width / op.getKvHeads();
  const bool causal = op.getMask() == transformer::Mask::Causal;
  Matrix result{heads * E, q.lengths,
                std::vector<double>(q.rows() * heads * E)};

  int64_t start = 0; // of the sequence
  for (int64_t length : q.lengths) {
    for (int64_t row = start; row < start + length; ++row) {
      int64_t last = causal ? row + 1 : start + length - op.getButLast();
      for (int64_t h = 0; h < heads; ++h) {
        std::vector<double> weights;
        for (int64_t s = start; s < last; ++s) {
          double score = 0;
          for (int64_t d = 0; d < D; ++d)
            score += q.row(row)[h * D + d] * k.row(s)[h / group * D + d];
          weights.push_back(score * op.getScale());
        }
        weigh(op, weights);
        double *out = result.row(row) + h * E;
        for (int64_t s = start; s < last; ++s)
          for (int64_t e = 0; e < E; ++e)
            out[e] += weights[s - start] * v.row(s)[h / group * E + e];
      }
    }
    start += length;
  }
  return result;
}

} // namespace reference
