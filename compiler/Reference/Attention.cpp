// Attention, one row and head after the other.
#include "compiler/Reference/Layers.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>

namespace reference {

/// scores -> exp(score - max) / sum: nothing overflows.
static void softmax(std::vector<double> &scores) {
  double most = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (double &score : scores)
    sum += score = std::exp(score - most);
  for (double &score : scores)
    score /= sum;
}

Matrix attend(
    int64_t heads, int64_t kvHeads, const Matrix &q, const Matrix &k,
    const Matrix &v,
    llvm::function_ref<std::pair<int64_t, int64_t>(int64_t, int64_t, int64_t)>
        sees,
    llvm::function_ref<void(int64_t, int64_t, std::vector<double> &)> weigh) {
  const int64_t group = heads / kvHeads;
  const int64_t D = q.width / heads, E = v.width / kvHeads;
  Matrix result{heads * E, q.lengths,
                std::vector<double>(q.rows() * heads * E)};

  int64_t start = 0, keys = 0; // where queries and keys of the sequence begin
  for (auto [length, keyCount] : llvm::zip_equal(q.lengths, k.lengths)) {
    for (int64_t row = start; row < start + length; ++row) {
      const int64_t place = row - start + keys; // among the keys
      auto [first, last] = sees(place, keys, keys + keyCount);
      for (int64_t h = 0; h < heads; ++h) {
        const double *query = q.row(row) + h * D;
        std::vector<double> scores; // (last - first)
        for (int64_t s = first; s < last; ++s) {
          const double *key = k.row(s) + (h / group) * D;
          double score = 0;
          for (int64_t d = 0; d < D; ++d)
            score += query[d] * key[d];
          scores.push_back(score);
        }
        weigh(h, first - place, scores);
        double *out = result.row(row) + h * E;
        for (int64_t s = first; s < last; ++s) {
          const double *value = v.row(s) + (h / group) * E;
          for (int64_t e = 0; e < E; ++e)
            out[e] += scores[s - first] * value[e];
        }
      }
    }
    start += length;
    keys += keyCount;
  }
  return result;
}

template <class Op> static double scaled(Op op, double score) {
  score *= op.getScale();
  auto cap = op.getSoftcap();
  return cap ? *cap * std::tanh(score / *cap) : score;
}

/// Of `count` rows those that the window of row p has.
static std::pair<int64_t, int64_t> windowOf(transformer::AttentionOp op,
                                            int64_t p, int64_t count) {
  int64_t length = op.getSegment().value_or(1), before = *op.getWindow() - 1;
  int64_t segment = p / length * length;
  int64_t end = op.getMask() == transformer::Mask::Causal
                    ? p + 1
                    : std::min(count, segment + length + before);
  return {std::max<int64_t>(segment - before, 0), end};
}

std::vector<int64_t> prefixEnds(transformer::Mask mask, const Matrix &rows,
                                llvm::ArrayRef<int64_t> prefixes) {
  std::vector<int64_t> ends;
  for (size_t i = 0; i < rows.lengths.size(); ++i) {
    auto start = int64_t(ends.size());
    bool has = mask == transformer::Mask::Prefix && i < prefixes.size();
    ends.insert(ends.end(), size_t(rows.lengths[i]),
                start + (has ? prefixes[i] : 0));
  }
  return ends;
}

Matrix attention(transformer::AttentionOp op, const Matrix &q, const Matrix &k,
                 const Matrix &v, const Weight *buckets,
                 llvm::ArrayRef<int64_t> prefixes, int64_t round) {
  const bool causal = op.getMask() != transformer::Mask::None;
  const std::vector<int64_t> ends = prefixEnds(op.getMask(), q, prefixes);
  auto sees = [&](int64_t row, int64_t start, int64_t end) {
    int64_t first = start;
    int64_t last = causal ? std::max(row + 1, ends[size_t(row)]) : end;
    if (op.getWindow() && !op.getSinks() && !op.getRandom()) {
      auto window = windowOf(op, row - start, last - start);
      return std::pair(start + window.first, start + window.second);
    }
    return std::pair(first, last);
  };
  auto hide = [&](int64_t head, int64_t row, std::vector<double> &scores) {
    auto sinks = int64_t(op.getSinks().value_or(0));
    auto length = int64_t(op.getSegment().value_or(1));
    auto count = int64_t(scores.size());
    auto [first, end] = windowOf(op, row, count);
    if (op.getGlobal() && row < sinks)
      return;
    std::vector<bool> drawn;
    if (op.getRandom())
      drawn = drawnSegments(op, row / length,
                            head * int64_t(op.getKvHeads()) /
                                int64_t(op.getHeads()),
                            round, count);
    for (int64_t s = sinks; s < count; ++s)
      if ((s < first || s >= end) &&
          (drawn.empty() || !drawn[size_t(s / length)]))
        scores[size_t(s)] = -INFINITY;
  };
  auto weigh = [&](int64_t head, int64_t distance,
                   std::vector<double> &scores) {
    const int64_t row = -distance; // if the first row is seen
    for (double &score : scores) {
      score = scaled(op, score);
      if (op.getBias())
        score += scoreBias(op, buckets, head, distance);
      ++distance;
    }
    if (op.getSinks() || op.getRandom()) // they are there from the first row on
      hide(head, row, scores);
    softmax(scores);
  };
  return attend(op.getHeads(), op.getKvHeads(), q, k, v, sees, weigh);
}

Matrix crossAttention(transformer::CrossAttentionOp op, const Matrix &q,
                      const Matrix &k, const Matrix &v) {
  auto sees = [](int64_t, int64_t start, int64_t end) {
    return std::pair(start, end);
  };
  auto weigh = [&](int64_t, int64_t, std::vector<double> &scores) {
    for (double &score : scores)
      score = scaled(op, score);
    softmax(scores);
  };
  return attend(op.getHeads(), op.getKvHeads(), q, k, v, sees, weigh);
}

Matrix gridAttention(transformer::GridAttentionOp op, const Matrix &q,
                     const Matrix &k, const Matrix &v, const Weight *table) {
  const int64_t width = op.getGrid()[1], side = op.getTile();
  auto sees = [](int64_t, int64_t start, int64_t end) {
    return std::pair(start, end);
  };
  auto tileOf = [&](int64_t place) {
    return (place - op.getShift() + side) / side; // from 0 on
  };
  auto weigh = [&](int64_t head, int64_t distance,
                   std::vector<double> &scores) {
    const int64_t y = -distance / width, x = -distance % width;
    for (size_t s = 0; s < scores.size(); ++s) {
      int64_t down = y - int64_t(s) / width, across = x - int64_t(s) % width;
      if (tileOf(y) != tileOf(y - down) || tileOf(x) != tileOf(x - across)) {
        scores[s] = -INFINITY;
        continue;
      }
      scores[s] *= op.getScale();
      if (table)
        scores[s] += table->row((down + side - 1) * (2 * side - 1) + across +
                                side - 1)[head];
    }
    softmax(scores);
  };
  return attend(op.getHeads(), op.getKvHeads(), q, k, v, sees, weigh);
}

} // namespace reference
