// Adds what stands for the position of each row.
#include "compiler/Layers/LayerBuilder.h"

using namespace mlir;

namespace layers {

Value build(LayerBuilder &at, const spec::Layer &layer,
            const spec::Position &position, Value x) {
  Value table;
  if (position.kind == spec::PositionKind::None)
    return x;
  if (position.kind == spec::PositionKind::Learned)
    table = at.weight(layer, "weight", {at.spec.context, layer.dimIn});
  return at.create<transformer::PositionOp>(x, at.rows, table);
}

} // namespace layers
