// Neighbouring rows side by side: the input of a convolution's map, or what a
// merge makes.
#include "compiler/Layers/LayerBuilder.h"

using namespace mlir;

namespace layers {

transformer::UnfoldOp unfold(LayerBuilder &at, const spec::Layer &layer,
                             const spec::Window &window,
                             transformer::Order order, Value x) {
  DenseI64ArrayAttr grid;
  if (layer.grid)
    grid =
        at.builder.getDenseI64ArrayAttr({layer.grid.height, layer.grid.width});
  return transformer::UnfoldOp::create(at.builder, at.here(), order, x, at.rows,
                                       window.size, window.step(), window.pad,
                                       grid);
}

/// Later layers see the rows that it makes. Rows that are as many as before
/// keep their value, which stands for them inside of repetitions, too.
static Value unfoldStream(LayerBuilder &at, const spec::Layer &layer,
                          const spec::Window &window, transformer::Order order,
                          Value x) {
  transformer::UnfoldOp op = unfold(at, layer, window, order, x);
  if (!window.keeps())
    at.rows = op.getMade();
  return op.getResult();
}

/// A depthwise convolution weighs the rows of a window, column by column; in
/// any other a group's values stand side by side.
static Value convolved(LayerBuilder &at, const spec::Layer &layer,
                       const spec::Conv &conv, Value x) {
  int64_t width = widthOf(x);
  if (conv.causal)
    return at.shortConv(layer, "", x, conv.window.size, conv.bias);
  auto bias = [&] {
    return conv.bias ? at.weight(layer, "bias", {conv.to}) : Value();
  };
  bool single = conv.window.size == 1 && conv.window.keeps();
  if (conv.isDepthwise(width) && !single) {
    Value seen =
        unfoldStream(at, layer, conv.window, transformer::Order::Rows, x);
    Value weight =
        at.weight(layer, "weight", {conv.to, widthOf(seen) / conv.to});
    return at.create<transformer::DepthwiseOp>(seen, weight, bias());
  }
  Value seen = single ? x
                      : unfoldStream(at, layer, conv.window,
                                     transformer::Order::Channels, x);
  if (conv.groups == 1)
    return at.linear(layer, "", seen, conv.to, conv.bias);
  Value weight =
      at.matrix(layer, "weight", conv.to, widthOf(seen) / conv.groups);
  return at.create<transformer::HeadLinearOp>(seen, weight, bias(),
                                              /*transposed=*/false,
                                              conv.groups);
}

Value build(LayerBuilder &at, const spec::Layer &layer, const spec::Conv &conv,
            Value x) {
  return at.activation(conv.act, convolved(at, layer, conv, x));
}

Value build(LayerBuilder &at, const spec::Layer &layer,
            const spec::Merge &merge, Value x) {
  auto order =
      merge.order == spec::MergeOrder::Channels ? transformer::Order::Channels
      : merge.order == spec::MergeOrder::Rows   ? transformer::Order::Rows
                                                : transformer::Order::Columns;
  return unfoldStream(at, layer, merge.window, order, x);
}

} // namespace layers
