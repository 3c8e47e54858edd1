// The bias of a score: ALiBi (Press et al. 2022), T5's buckets (Raffel et al.
// 2020), by their formulas.
#include "compiler/Reference/Layers.h"

#include <algorithm>
#include <cmath>

namespace reference {

static int64_t bucketOf(transformer::RelativeOp op, int64_t distance) {
  int64_t buckets = op.getTable().getType().getDimSize(0), first = 0;
  if (!op.getCausal()) {
    buckets /= 2;
    first = distance > 0 ? buckets : 0;
    distance = std::abs(distance);
  } else {
    distance = std::max<int64_t>(-distance, 0);
  }
  const int64_t exact = buckets / 2;
  if (distance < exact)
    return first + distance;
  double share = std::log(double(distance) / double(exact)) /
                 std::log(double(op.getReach()) / double(exact));
  // Quotients of logarithms that are whole may come out a little too small.
  double bucket = std::floor(share * double(buckets - exact) + 1e-9);
  return first + std::min(exact + int64_t(bucket), buckets - 1);
}

double scoreBias(transformer::AttentionOp op, const Weight *buckets,
                 int64_t head, int64_t distance) {
  if (auto alibi = op.getBias().getDefiningOp<transformer::AlibiOp>())
    return -alibi.getSlopes()[head] * std::abs(double(distance));
  auto relative = op.getBias().getDefiningOp<transformer::RelativeOp>();
  return buckets->row(bucketOf(relative, distance))[head];
}

} // namespace reference
