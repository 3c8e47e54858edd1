// A decoder's own rows, which are learned.
#include "compiler/Layers/LayerBuilder.h"

using namespace mlir;

namespace layers {

Value build(LayerBuilder &at, const spec::Layer &layer,
            const spec::Queries &queries, Value) {
  Value table = at.weight(layer, "weight", {queries.rows, layer.dimOut});
  return at.create<transformer::QueriesOp>(at.rows, table);
}

} // namespace layers
