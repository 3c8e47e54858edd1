// down(act(up x)), or gated down(act(gate x) * up x).
#include "compiler/Layers/LayerBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace layers {

Value buildMlp(LayerBuilder &at, const spec::Layer &layer,
               const std::string &prefix, const spec::Mlp &mlp, Value x) {
  Value inner;
  if (mlp.gated) {
    Value gate = at.linear(layer, prefix + "gate", x, mlp.hidden, mlp.bias);
    Value up = at.linear(layer, prefix + "up", x, mlp.hidden, mlp.bias);
    inner = at.create<arith::MulFOp>(at.activation(mlp.act, gate), up);
  } else {
    Value up = at.linear(layer, prefix + "up", x, mlp.hidden, mlp.bias);
    inner = at.activation(mlp.act, up);
  }
  return at.linear(layer, prefix + "down", inner, layer.dimOut, mlp.bias);
}

Value build(LayerBuilder &at, const spec::Layer &layer, const spec::Mlp &mlp,
            Value x) {
  return buildMlp(at, layer, "", mlp, x);
}

} // namespace layers
