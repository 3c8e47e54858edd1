// An image becomes rows: its patches, each mapped to the model width.
#include "compiler/Layers/LayerBuilder.h"

using namespace mlir;

namespace layers {

Value build(LayerBuilder &at, const spec::Layer &layer,
            const spec::Patch &patch, Value images) {
  const spec::Window &window = patch.window;
  IntegerAttr stride = window.stride
                           ? at.builder.getI64IntegerAttr(window.stride)
                           : IntegerAttr();
  Value rows = at.create<transformer::PatchesOp>(
      images, at.builder.getI64IntegerAttr(window.size), stride,
      at.builder.getI64IntegerAttr(window.pad));
  return at.linear(layer, "", rows, layer.dimOut, patch.bias);
}

} // namespace layers
