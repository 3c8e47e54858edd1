// What stands for the type of each row.
#include "compiler/Layers/LayerBuilder.h"

using namespace mlir;

namespace layers {

Value build(LayerBuilder &at, const spec::Layer &layer,
            const spec::Types &types, Value x) {
  Value table = at.weight(layer, "weight", {types.count, layer.dimIn});
  return at.create<transformer::TypesOp>(x, at.rows, table,
                                         types.use == spec::TypeUse::Replace);
}

} // namespace layers
