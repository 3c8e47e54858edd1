// Attention with the scores as weights, one row and head after the other.
#include "compiler/Reference/Layers.h"

#include <algorithm>
#include <numeric>

namespace reference {

void divide(std::vector<double> &weights, transformer::Normalise normalise,
            double norm) {
  if (normalise == transformer::Normalise::Rows)
    norm = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (normalise == transformer::Normalise::Number)
    norm = double(weights.size());
  for (double &weight : weights)
    weight = norm == 0 ? 0 : weight / norm;
}

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
  divide(scores, op.getNormalise(), norm);
}

Matrix scoreAttention(transformer::ScoreAttentionOp op, const Matrix &q,
                      const Matrix &k, const Matrix &v) {
  const bool causal = op.getMask() == transformer::Mask::Causal;
  auto sees = [&](int64_t row, int64_t start, int64_t end) {
    return std::pair(start, causal ? row + 1 : end - op.getButLast());
  };
  auto weighScaled = [&](int64_t, int64_t, std::vector<double> &scores) {
    for (double &score : scores)
      score *= op.getScale();
    weigh(op, scores);
  };
  return attend(op.getHeads(), op.getKvHeads(), q, k, v, sees, weighScaled);
}

} // namespace reference
