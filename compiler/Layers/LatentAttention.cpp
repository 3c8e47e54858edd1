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

Value build(LayerBuilder &at, const spec::Layer &layer,
            const spec::LatentAttention &attention, Value x) {
  int64_t heads = attention.heads, own = attention.ownDim();
  Value narrow = x;
  if (attention.queryLatent)
    narrow = buildLatent(at, layer, attention.eps, "query_latent", x,
                         *attention.queryLatent);
  Value q = at.linear(layer, "query", narrow, heads * attention.headDim,
                      /*bias=*/false);
  Value latent =
      buildLatent(at, layer, attention.eps, "latent", x, attention.latent);
  Value shared =
      at.linear(layer, "shared_key", x, attention.shared, /*bias=*/false);
  if (attention.rotary) {
    q = buildTurned(at, layer, *attention.rotary, q, attention.headDim, own);
    shared =
        buildTurned(at, layer, *attention.rotary, shared, attention.shared, 0);
  }
  Value k = at.create<transformer::JoinHeadsOp>(
      at.linear(layer, "key", latent, heads * own, /*bias=*/false), shared,
      heads);
  Value v = at.linear(layer, "value", latent, heads * attention.valueDim,
                      /*bias=*/false);
  Value seen = at.create<transformer::AttentionOp>(
      toDialect(attention.mask), q, k, v, at.rows, Value(), heads, heads,
      attention.scale, IntegerAttr(), IntegerAttr(), IntegerAttr(),
      /*global=*/false, /*random=*/IntegerAttr(), /*seed=*/0, FloatAttr(),
      /*tap=*/StringAttr(), /*tapScores=*/StringAttr());
  return at.linear(layer, "output", seen, layer.dimOut, /*bias=*/false);
}

} // namespace layers
