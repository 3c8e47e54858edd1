// An image becomes rows: its patches, each mapped to the model width.
#include "compiler/Layers/LayerBuilder.h"

using namespace mlir;

namespace layers {

Value build(LayerBuilder &at, const spec::Layer &layer,
            const spec::Patch &patch, Value images) {
  Value rows = at.create<transformer::PatchesOp>(images, patch.size);
  return at.linear(layer, "", rows, layer.dimOut, patch.bias);
}

} // namespace layers
