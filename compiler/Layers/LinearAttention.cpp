// Query, key and value maps and their convolutions, features and lengths of
// queries and keys, the running sum, its decay and its update, norm and gate of
// what heads read, the output map.
#include "compiler/Layers/HeadMaps.h"

#include <cmath>

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
  case spec::Feature::Silu:
    return apply(Activation::Silu);
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
  if (!attention.power)
    return at.activation(spec::Activation::Sigmoid, gates);
  auto apply = [&](transformer::Activation kind, Value x) {
    return at.create<transformer::ActivationOp>(kind, x);
  };
  Value logarithms = at.create<transformer::GainOp>(
      apply(transformer::Activation::LogSigmoid, gates),
      at.weight(layer, "decay.power", {groups}));
  return apply(transformer::Activation::Exp, logarithms);
}

/// What a map makes of x, convolved.
static Value mapped(LayerBuilder &at, const spec::Layer &layer,
                    const spec::ShortConv &conv, StringRef name, Value x,
                    int64_t width, bool bias) {
  x = at.linear(layer, name, x, width, bias);
  if (!conv.size)
    return x;
  return at.activation(conv.act, at.shortConv(layer, name.str() + "_conv.", x,
                                              *conv.size, conv.bias));
}

/// Heads of D columns divided by their lengths, which `eps` is added to the
/// squares of, and multiplied by `factor`: the root of a mean is that of a sum
/// divided by that of D.
static Value scaled(LayerBuilder &at, std::optional<double> eps, Value x,
                    int64_t headDim, double factor) {
  if (eps) {
    x = at.create<transformer::NormOp>(transformer::NormKind::Rms, x, Value(),
                                       Value(), *eps / double(headDim), 0.0,
                                       headDim);
    factor /= std::sqrt(double(headDim));
  }
  return factor == 1.0 ? x : at.create<transformer::ScaleOp>(x, factor);
}

/// The share of each row that the sums take, for each head of keys.
static Value shareOf(LayerBuilder &at, const spec::Layer &layer,
                     const spec::LinearAttention &attention, Value x) {
  if (attention.update == spec::Update::Add)
    return {};
  Value weight =
      at.weight(layer, "update.weight", {attention.kvHeads, widthOf(x)});
  return at.activation(
      spec::Activation::Sigmoid,
      at.create<transformer::LinearOp>(x, weight, /*bias=*/Value()));
}

/// What the heads read, normalised.
static Value normalised(LayerBuilder &at, const spec::Layer &layer,
                        const spec::LinearAttention &attention, Value seen) {
  if (!attention.headNorm)
    return seen;
  Value weight = at.weight(layer, "head_norm.weight", {attention.valueDim});
  return at.create<transformer::NormOp>(toDialect(*attention.headNorm), seen,
                                        weight, Value(), attention.headNormEps,
                                        0.0, attention.valueDim);
}

Value build(LayerBuilder &at, const spec::Layer &layer,
            const spec::LinearAttention &attention, Value x) {
  int64_t heads = attention.heads, kvHeads = attention.kvHeads;
  auto map = [&](StringRef name, int64_t width, bool bias) {
    return mapped(at, layer, attention.conv, name, x, width, bias);
  };
  Value q = map("query", heads * attention.headDim, attention.queryBias);
  Value k = map("key", kvHeads * attention.headDim, attention.keyBias);
  Value v = map("value", kvHeads * attention.valueDim, attention.valueBias);
  takeFeatures(at, layer, attention, q, k);
  q = scaled(at, attention.unitEps, q, widthOf(q) / heads, attention.scale);
  k = scaled(at, attention.unitEps, k, widthOf(k) / kvHeads, 1.0);
  const spec::AttentionTaps &taps = attention.taps;
  q = tapped(at, layer, taps.queries, "queries", q, heads);
  k = tapped(at, layer, taps.keys, "keys", k, kvHeads);
  v = tapped(at, layer, taps.values, "values", v, kvHeads);
  Value seen = at.create<transformer::LinearAttentionOp>(
      toDialect(attention.mask), toDialect(attention.normalise), q, k, v,
      at.rows, decayOf(at, layer, attention, x),
      shareOf(at, layer, attention, x), heads, kvHeads);
  seen = normalised(at, layer, attention, seen);
  return at.linear(layer, "output", gated(at, layer, attention.gate, x, seen),
                   layer.dimOut, attention.outputBias);
}

} // namespace layers
