// A map of each row to another width.
#include "compiler/Layers/LayerBuilder.h"

using namespace mlir;

namespace layers {

Value build(LayerBuilder &at, const spec::Layer &layer,
            const spec::Linear &linear, Value x) {
  return at.activation(linear.act,
                       at.linear(layer, "", x, linear.to, linear.bias));
}

} // namespace layers
