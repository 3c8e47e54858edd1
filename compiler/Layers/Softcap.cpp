// A soft limit of all values.
#include "compiler/Layers/LayerBuilder.h"

using namespace mlir;

namespace layers {

Value build(LayerBuilder &at, const spec::Layer &, const spec::Softcap &softcap,
            Value x) {
  return at.create<transformer::SoftcapOp>(x, *softcap.at);
}

} // namespace layers
