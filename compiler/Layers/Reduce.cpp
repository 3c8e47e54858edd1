// What attention over fewer rows sees: windows on the grid, mapped and
// normalised (Wang et al. 2021), or mixtures of all rows (Wang et al. 2020).
#include "compiler/Layers/HeadMaps.h"
#include "compiler/Spec/Parser.h"

using namespace mlir;

namespace layers {

Sources reduceRows(LayerBuilder &at, const spec::Layer &layer,
                   const spec::Reduce &reduce, Value x) {
  if (!reduce)
    return {x, at.rows};
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

} // namespace layers
