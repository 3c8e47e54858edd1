// ALiBi: Press et al. 2022; buckets: Raffel et al. 2020.
#include "compiler/Layers/ScoreBias.h"

#include "compiler/Spec/Parser.h"

#include "llvm/ADT/bit.h"

#include <cmath>

using namespace mlir;

namespace layers {

// A geometric sequence for a power of two; other numbers of heads go on with
// every second one of the next power's.
std::vector<double> alibiSlopes(int64_t heads) {
  auto power = int64_t(llvm::bit_floor(uint64_t(heads)));
  std::vector<double> slopes;
  for (int64_t h = 1; h <= power; ++h)
    slopes.push_back(std::exp2(-8.0 * double(h) / double(power)));
  for (int64_t h = power; h < heads; ++h)
    slopes.push_back(
        std::exp2(-4.0 * double(2 * (h - power) + 1) / double(power)));
  return slopes;
}

Value buildScoreBias(LayerBuilder &at, const spec::Layer &layer,
                     const spec::Attention &attention) {
  bool causal = attention.mask == spec::Mask::Causal;
  if (attention.alibi) {
    std::vector<double> slopes = alibiSlopes(attention.heads);
    for (double &slope : slopes)
      slope *= attention.alibi->scale;
    return at.create<transformer::AlibiOp>(causal, slopes,
                                           contextOf(layer, at.spec) - 1);
  }
  if (const auto &relative = attention.relative) {
    int64_t shape[] = {relative->buckets, attention.heads};
    Value table = relative->shared
                      ? at.sharedWeight(layer, "relative.weight", shape)
                      : at.weight(layer, "relative.weight", shape);
    return at.create<transformer::RelativeOp>(causal, table,
                                              relative->distance);
  }
  return {};
}

} // namespace layers
