// What the caller may look at.
#include "compiler/Layers/LayerBuilder.h"

using namespace mlir;

namespace layers {

std::string tapName(const spec::Layer &layer) {
  std::string name = layer.scope;
  for (size_t at; (at = name.find("{")) != std::string::npos;)
    name.erase(at, name.find("}") + 2 - at); // with the dot behind it
  return name;
}

Value build(LayerBuilder &at, const spec::Layer &layer, const spec::Tap &,
            Value x) {
  return at.create<transformer::TapOp>(tapName(layer), x, IntegerAttr());
}

} // namespace layers
