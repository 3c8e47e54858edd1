// Learned rows before each sequence.
#include "compiler/Layers/LayerBuilder.h"

using namespace mlir;

namespace layers {

Value build(LayerBuilder &at, const spec::Layer &layer,
            const spec::Prepend &prepend, Value x) {
  Value table = at.weight(layer, "weight", {prepend.rows, layer.dimIn});
  return at.create<transformer::PrependOp>(x, at.rows, table);
}

} // namespace layers
