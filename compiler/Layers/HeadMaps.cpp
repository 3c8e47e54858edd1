// The map to queries or keys, and the norm of each head.
#include "compiler/Layers/HeadMaps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace layers {

Value buildHeads(LayerBuilder &at, const spec::Layer &layer,
                 const spec::HeadMaps &attention, StringRef name, Value x,
                 int64_t heads, bool bias) {
  int64_t headDim = attention.headDim;
  x = at.linear(layer, name, x, heads * headDim, bias);
  if (!attention.qkNorm)
    return x;
  bool rows = attention.qkNormOver == spec::QkNormOver::Row;
  Value weight = at.weight(layer, name.str() + "_norm.weight",
                           {rows ? heads * headDim : headDim});
  return at.create<transformer::NormOp>(toDialect(*attention.qkNorm), x, weight,
                                        Value(), attention.qkNormEps, 0.0,
                                        rows ? 0 : headDim);
}

Value gated(LayerBuilder &at, const spec::Layer &layer, spec::Gate gate,
            Value x, Value seen) {
  if (gate == spec::Gate::None)
    return seen;
  Value map = at.linear(layer, "gate", x, widthOf(seen), /*bias=*/false);
  return at.create<arith::MulFOp>(at.activation(gate, map), seen);
}

FloatAttr softcapOf(LayerBuilder &at, const spec::HeadMaps &attention) {
  return attention.softcap ? at.builder.getF64FloatAttr(*attention.softcap)
                           : FloatAttr();
}

} // namespace layers
