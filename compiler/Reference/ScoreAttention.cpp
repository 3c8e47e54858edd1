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
