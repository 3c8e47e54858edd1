// What the caller may look at.
#include "compiler/Layers/LayerBuilder.h"

using namespace mlir;

namespace layers {

/// The name of what a layer hands out: its scope without repetitions.
static std::string tapName(const spec::Layer &layer) {
  std::string name = layer.scope;
  for (size_t at; (at = name.find("{")) != std::string::npos;)
    name.erase(at, name.find("}") + 2 - at); // with the dot behind it
  return name;
}

StringAttr nameOfTap(LayerBuilder &at, const spec::Layer &layer, bool wanted,
                     StringRef what) {
  return wanted ? at.builder.getStringAttr(tapName(layer) + "." + what)
                : StringAttr();
}

Value tapped(LayerBuilder &at, const spec::Layer &layer, bool wanted,
             StringRef what, Value x, int64_t heads) {
  if (!wanted)
    return x;
  return at.create<transformer::TapOp>(nameOfTap(at, layer, wanted, what), x,
                                       at.builder.getI64IntegerAttr(heads));
}

Value build(LayerBuilder &at, const spec::Layer &layer, const spec::Tap &,
            Value x) {
  return at.create<transformer::TapOp>(tapName(layer), x, IntegerAttr());
}

} // namespace layers
