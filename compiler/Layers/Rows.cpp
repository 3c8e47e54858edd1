// Real vectors are rows, mapped to the model's width where they have another.
#include "compiler/Layers/LayerBuilder.h"

using namespace mlir;

namespace layers {

Value build(LayerBuilder &at, const spec::Layer &layer, const spec::Rows &rows,
            Value reals) {
  Value x = at.create<transformer::InputOp>(reals);
  return rows.dim == layer.dimOut
             ? x
             : at.linear(layer, "", x, layer.dimOut, rows.bias);
}

} // namespace layers
