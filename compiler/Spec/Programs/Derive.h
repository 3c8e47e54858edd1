// Leaves with derived weights: what `select` and `map` are written as.
#ifndef COMPILER_SPEC_PROGRAMS_DERIVE_H
#define COMPILER_SPEC_PROGRAMS_DERIVE_H

#include "compiler/Spec/Programs/Streams.h"
#include "compiler/Spec/WeightValues.h"

namespace spec {

/// act(weight x + bias), the layers of small perceptrons.
struct DerivedLinear {
  int64_t to = 0;
  Activation act = Activation::Identity;
  ValuesBuilder weight, bias;

  Layer make(Place place) const {
    Layer layer;
    layer.place = place;
    layer.body = Linear{to, act, !bias.empty(), {}};
    layer.values["weight"] = weight.take();
    if (!bias.empty())
      layer.values["bias"] = bias.take();
    return layer;
  }
};

/// x + layers(x).
inline Layer makeResidual(Place place, Layers layers) {
  Layer layer;
  layer.place = place;
  layer.body = Residual{std::move(layers)};
  return layer;
}

/// tanh of this and more is 1 in float32, whatever the machine: thresholds are
/// exact however their argument was rounded.
constexpr double saturated = 32.0;

/// A whole number, the sum of columns times weights and a constant, as one-hot
/// values of `target` in rows of `dim`: thresholds between the numbers, then
/// their differences. Numbers that are no values of it give nothing.
void appendOneHot(const std::map<int64_t, double> &columns, double constant,
                  const Stream &target, int64_t dim, Place place, Layers &to);

} // namespace spec

#endif // COMPILER_SPEC_PROGRAMS_DERIVE_H
