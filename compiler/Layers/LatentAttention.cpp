// Narrow rows and their norms, the maps to heads, the columns that all heads
// share, attention, the output map.
#include "compiler/Layers/LayerBuilder.h"
#include "compiler/Layers/RotaryFrequencies.h"
#include "compiler/Spec/Parser.h"

using namespace mlir;

namespace layers {

/// A narrow row, normalised.
static Value buildLatent(LayerBuilder &at, const spec::Layer &layer, double eps,
                         StringRef name, Value x, int64_t width) {
  x = at.linear(layer, name, x, width, /*bias=*/false);
  return at.create<transformer::NormOp>(
      transformer::NormKind::Rms, x,
      at.weight(layer, name.str() + "_norm.weight", {width}), Value(), eps, 0.0,
      0);
}

/// Turns the columns of each head that follow the first `still` ones: pairs
/// that don't turn stay as they are, to the bit.
static Value buildTurned(LayerBuilder &at, const spec::Layer &layer,
                         const spec::Rotary &rotary, Value x, int64_t headDim,
                         int64_t still) {
  std::vector<double> frequencies(size_t(still) / 2, 0.0);
  for (double frequency : rotaryFrequencies(rotary, contextOf(layer, at.spec)))
    frequencies.push_back(frequency);
  return at.create<transformer::RotaryOp>(transformer::RotaryLayout::Pairs, x,
                                          at.rows, headDim, still + rotary.dim,
                                          frequencies);
}

/// Whether a session keeps the narrow rows themselves: where keys and values of
/// all heads would take more. Their maps are then applied to queries and
/// results, head by head, which integers let only if a head is whole groups.
static bool keepsLatents(const spec::LatentAttention &attention,
                         spec::Dtype dtype) {
  bool integers = dtype == spec::Dtype::Int8 || dtype == spec::Dtype::Int4;
  bool whole = attention.headDim % 32 == 0 && attention.latent % 32 == 0;
  return attention.isNarrow() && (!integers || whole);
}

static Value buildAttention(LayerBuilder &at, const spec::Layer &layer,
                            const spec::LatentAttention &attention, Value q,
                            Value k, Value v, int64_t kvHeads) {
  const spec::AttentionTaps &taps = attention.taps;
  return at.create<transformer::AttentionOp>(
      toDialect(attention.mask), q, k, v, at.rows, Value(), attention.heads,
      kvHeads, attention.scale, IntegerAttr(), IntegerAttr(), IntegerAttr(),
      /*global=*/false, /*random=*/IntegerAttr(), /*seed=*/0, FloatAttr(),
      nameOfTap(at, layer, taps.weights, "weights"),
      nameOfTap(at, layer, taps.scores, "scores"));
}

/// q . (W c) = (W^T q) . c, and the sum of weights times W c is W times the sum
/// of weights times c: one head of keys and values, the narrow rows, for all.
static Value buildOnLatents(LayerBuilder &at, const spec::Layer &layer,
                            const spec::LatentAttention &attention, Value q,
                            Value latent, Value shared) {
  int64_t heads = attention.heads, own = attention.ownDim();
  Value turned = at.create<transformer::HeadLinearOp>(
      q, at.matrix(layer, "key.weight", heads * own, attention.latent),
      /*bias=*/Value(), /*transposed=*/true, heads);
  Value queries =
      at.create<transformer::JoinHeadsOp>(turned, q, /*from=*/own, heads);
  Value keys = at.create<transformer::JoinHeadsOp>(latent, shared, 0, 1);
  Value seen = buildAttention(at, layer, attention, queries, keys, latent, 1);
  return at.create<transformer::HeadLinearOp>(
      seen,
      at.matrix(layer, "value.weight", heads * attention.valueDim,
                attention.latent),
      /*bias=*/Value(), /*transposed=*/false, heads);
}

static Value buildOnHeads(LayerBuilder &at, const spec::Layer &layer,
                          const spec::LatentAttention &attention, Value q,
                          Value latent, Value shared) {
  int64_t heads = attention.heads;
  Value k = at.create<transformer::JoinHeadsOp>(
      at.linear(layer, "key", latent, heads * attention.ownDim(),
                /*bias=*/false),
      shared, 0, heads);
  Value v = at.linear(layer, "value", latent, heads * attention.valueDim,
                      /*bias=*/false);
  k = tapped(at, layer, attention.taps.keys, "keys", k, heads);
  v = tapped(at, layer, attention.taps.values, "values", v, heads);
  return buildAttention(at, layer, attention, q, k, v, heads);
}

Value build(LayerBuilder &at, const spec::Layer &layer,
            const spec::LatentAttention &attention, Value x) {
  int64_t own = attention.ownDim();
  Value narrow = x;
  if (attention.queryLatent)
    narrow = buildLatent(at, layer, attention.eps, "query_latent", x,
                         *attention.queryLatent);
  Value q = at.linear(layer, "query", narrow,
                      attention.heads * attention.headDim, /*bias=*/false);
  Value latent =
      buildLatent(at, layer, attention.eps, "latent", x, attention.latent);
  Value shared =
      at.linear(layer, "shared_key", x, attention.shared, /*bias=*/false);
  if (attention.rotary) {
    q = buildTurned(at, layer, *attention.rotary, q, attention.headDim, own);
    shared =
        buildTurned(at, layer, *attention.rotary, shared, attention.shared, 0);
  }
  q = tapped(at, layer, attention.taps.queries, "queries", q, attention.heads);
  auto buildSeen = keepsLatents(attention, dtypeOf(layer, at.spec))
                       ? buildOnLatents
                       : buildOnHeads;
  return at.linear(layer, "output",
                   buildSeen(at, layer, attention, q, latent, shared),
                   layer.dimOut, /*bias=*/false);
}

} // namespace layers
