// LayerNorm and RMSNorm.
#include "compiler/Layers/LayerBuilder.h"

using namespace mlir;

namespace layers {

Value build(LayerBuilder &at, const spec::Layer &layer, const spec::Norm &norm,
            Value x) {
  auto kind = norm.kind == spec::NormKind::Layer ? transformer::NormKind::Layer
                                                 : transformer::NormKind::Rms;
  Value weight =
      norm.weight ? at.weight(layer, "weight", {layer.dimIn}) : Value();
  Value bias = norm.bias ? at.weight(layer, "bias", {layer.dimIn}) : Value();
  return at.create<transformer::NormOp>(kind, x, weight, bias, norm.eps,
                                        norm.offset);
}

} // namespace layers
