// Multiplication by a number or by a learned vector.
#include "compiler/Layers/LayerBuilder.h"

using namespace mlir;

namespace layers {

Value build(LayerBuilder &at, const spec::Layer &layer,
            const spec::Scale &scale, Value x) {
  if (scale.by)
    return at.create<transformer::ScaleOp>(x, *scale.by);
  Value weight = at.weight(layer, "weight", {layer.dimIn});
  return at.create<transformer::GainOp>(x, weight);
}

} // namespace layers
