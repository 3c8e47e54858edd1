// LayerNorm and RMSNorm.
#include "compiler/Layers/LayerBuilder.h"

using namespace mlir;

namespace layers {

transformer::NormKind toDialect(spec::NormKind kind) {
  return kind == spec::NormKind::Layer ? transformer::NormKind::Layer
                                       : transformer::NormKind::Rms;
}

Value build(LayerBuilder &at, const spec::Layer &layer, const spec::Norm &norm,
            Value x) {
  Value weight =
      norm.weight ? at.weight(layer, "weight", {layer.dimIn}) : Value();
  Value bias = norm.bias ? at.weight(layer, "bias", {layer.dimIn}) : Value();
  return at.create<transformer::NormOp>(toDialect(norm.kind), x, weight, bias,
                                        norm.eps, norm.offset);
}

} // namespace layers
