// Attention over fewer rows: windows on the grid, mapped and normalised (Wang
// et al. 2021), or mixtures of all rows (Wang et al. 2020).
#include "compiler/Layers/HeadMaps.h"
#include "compiler/Spec/Parser.h"

using namespace mlir;

namespace layers {

namespace {
struct Reduced {
  Value x, rows;
};
} // namespace

static Reduced reduce(LayerBuilder &at, const spec::Layer &layer,
                      const spec::Reduce &reduce, Value x) {
  int64_t width = layer.dimIn;
  if (reduce.rows) {
    Value table = at.weight(layer, "reduce.weight",
                            {*reduce.rows, contextOf(layer, at.spec)});
    auto mix =
        transformer::MixOp::create(at.builder, at.here(), x, at.rows, table);
    return {mix.getResult(), mix.getMade()};
  }
  transformer::UnfoldOp seen =
      unfold(at, layer, {*reduce.size, 0, 0}, transformer::Order::Channels, x);
  Value mapped = at.linear(layer, "reduce", seen.getResult(), width,
                           /*bias=*/true);
  Value weight = at.weight(layer, "reduce_norm.weight", {width});
  Value bias = at.weight(layer, "reduce_norm.bias", {width});
  Value made = at.create<transformer::NormOp>(
      transformer::NormKind::Layer, mapped, weight, bias, reduce.eps, 0.0, 0);
  // Windows of one row leave as many.
  return {made, seen.windows().keeps() ? at.rows : seen.getMade()};
}

Value buildReduced(LayerBuilder &at, const spec::Layer &layer,
                   const spec::Attention &attention, Value x) {
  int64_t heads = attention.heads, kvHeads = attention.kvHeads;
  auto [source, made] = reduce(at, layer, attention.reduce, x);
  Value q =
      buildHeads(at, layer, attention, "query", x, heads, attention.queryBias);
  Value k = buildHeads(at, layer, attention, "key", source, kvHeads,
                       attention.keyBias);
  Value v = at.linear(layer, "value", source, kvHeads * attention.valueDim,
                      attention.valueBias);
  Value seen;
  if (made == at.rows)
    seen = at.create<transformer::AttentionOp>(
        transformer::Mask::None, q, k, v, at.rows, Value(), heads, kvHeads,
        attention.scale, IntegerAttr(), IntegerAttr(), IntegerAttr(),
        /*global=*/false, softcapOf(at, attention), StringAttr());
  else
    seen = at.create<transformer::CrossAttentionOp>(
        q, k, v, at.rows, made, heads, kvHeads, attention.scale,
        softcapOf(at, attention));
  return at.linear(layer, "output", seen, layer.dimOut, attention.outputBias);
}

} // namespace layers
