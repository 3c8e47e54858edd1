// Query, key and value maps, features of queries and keys, the running sum and
// its decay, norm and gate of what heads read, the output map.
#include "compiler/Layers/LayerBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace layers {

static Value featuresOf(LayerBuilder &at, spec::Feature feature, Value x) {
  using transformer::Activation;
  auto apply = [&](Activation kind) {
    return at.create<transformer::ActivationOp>(kind, x);
  };
  switch (feature) {
  case spec::Feature::None:
    return x;
  case spec::Feature::Elu:
    return apply(Activation::EluPlusOne);
  case spec::Feature::Relu:
    return apply(Activation::Relu);
  case spec::Feature::Exp:
    return apply(Activation::Exp);
  case spec::Feature::Random:
    break; // of heads
  }
  llvm_unreachable("no feature of single values");
}

/// Queries and keys become their features.
static void takeFeatures(LayerBuilder &at, const spec::Layer &layer,
                         const spec::LinearAttention &attention, Value &q,
                         Value &k) {
  if (attention.feature != spec::Feature::Random) {
    q = featuresOf(at, attention.feature, q);
    k = featuresOf(at, attention.feature, k);
    return;
  }
  Value weight = at.weight(layer, "feature.weight",
                           {attention.randomFeatures, attention.headDim});
  // What is divided by the sum of its own weights can be scaled freely.
  bool relative = attention.normalise == spec::Normalise::Rows;
  q = at.create<transformer::RandomFeaturesOp>(q, weight, relative,
                                               attention.heads);
  k = at.create<transformer::RandomFeaturesOp>(k, weight, /*relative=*/false,
                                               attention.kvHeads);
}

/// A number for each head of keys, or for each of them and each row: f32, since
/// it is multiplied by itself as often as there are rows.
static Value decayOf(LayerBuilder &at, const spec::Layer &layer,
                     const spec::LinearAttention &attention, Value x) {
  int64_t groups = attention.kvHeads;
  if (attention.decay == spec::Decay::None)
    return {};
  if (attention.decay == spec::Decay::Fixed)
    return at.weight(layer, "decay.weight", {groups});
  Value gates = at.create<transformer::LinearOp>(
      x, at.weight(layer, "decay.weight", {groups, widthOf(x)}),
      at.weight(layer, "decay.bias", {groups}));
  return at.activation(spec::Activation::Sigmoid, gates);
}

/// What the heads read, normalised and gated.
static Value gated(LayerBuilder &at, const spec::Layer &layer,
                   const spec::LinearAttention &attention, Value x,
                   Value seen) {
  int64_t valueDim = attention.valueDim;
  if (attention.headNorm)
    seen = at.create<transformer::NormOp>(
        toDialect(*attention.headNorm), seen,
        at.weight(layer, "head_norm.weight", {valueDim}), Value(),
        attention.headNormEps, 0.0, valueDim);
  if (attention.gate == spec::Gate::None)
    return seen;
  auto act = attention.gate == spec::Gate::Silu ? spec::Activation::Silu
                                                : spec::Activation::Sigmoid;
  Value gate = at.linear(layer, "gate", x, attention.heads * valueDim,
                         /*bias=*/false);
  return at.create<arith::MulFOp>(at.activation(act, gate), seen);
}

Value build(LayerBuilder &at, const spec::Layer &layer,
            const spec::LinearAttention &attention, Value x) {
  int64_t heads = attention.heads, kvHeads = attention.kvHeads;
  Value q = at.linear(layer, "query", x, heads * attention.headDim,
                      attention.queryBias);
  Value k = at.linear(layer, "key", x, kvHeads * attention.headDim,
                      attention.keyBias);
  Value v = at.linear(layer, "value", x, kvHeads * attention.valueDim,
                      attention.valueBias);
  takeFeatures(at, layer, attention, q, k);
  Value seen = at.create<transformer::LinearAttentionOp>(
      toDialect(attention.mask), toDialect(attention.normalise), q, k, v,
      at.rows, decayOf(at, layer, attention, x), heads, kvHeads);
  return at.linear(layer, "output", gated(at, layer, attention, x, seen),
                   layer.dimOut, attention.outputBias);
}

} // namespace layers
