// Adds what stands for the position of each row.
#include "compiler/Layers/LayerBuilder.h"
#include "compiler/Spec/Parser.h"

using namespace mlir;

namespace layers {

Value build(LayerBuilder &at, const spec::Layer &layer,
            const spec::Position &position, Value x) {
  Value table;
  if (position.kind == spec::PositionKind::None)
    return x;
  if (position.kind == spec::PositionKind::Learned)
    table =
        at.weight(layer, "weight", {contextOf(layer, at.spec), layer.dimIn});
  return at.create<transformer::PositionOp>(
      x, at.rows, table, position.layout == spec::RotaryLayout::Halves,
      position.inclusive, position.first);
}

} // namespace layers
