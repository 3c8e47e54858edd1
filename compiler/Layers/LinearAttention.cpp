// Query, key and value maps, features of queries and keys, the running sum, the
// output map.
#include "compiler/Layers/LayerBuilder.h"

using namespace mlir;

namespace layers {

static Value featuresOf(LayerBuilder &at, spec::Feature feature, Value x) {
  using transformer::Activation;
  auto apply = [&](Activation kind) {
    return at.create<transformer::ActivationOp>(kind, x);
  };
  switch (feature) {
  case spec::Feature::None:
    return x;
  case spec::Feature::Elu:
    return apply(Activation::EluPlusOne);
  case spec::Feature::Relu:
    return apply(Activation::Relu);
  case spec::Feature::Exp:
    return apply(Activation::Exp);
  }
  llvm_unreachable("all features are listed");
}

Value build(LayerBuilder &at, const spec::Layer &layer,
            const spec::LinearAttention &attention, Value x) {
  int64_t heads = attention.heads, kvHeads = attention.kvHeads;
  Value q = at.linear(layer, "query", x, heads * attention.headDim,
                      attention.queryBias);
  Value k = at.linear(layer, "key", x, kvHeads * attention.headDim,
                      attention.keyBias);
  Value v = at.linear(layer, "value", x, kvHeads * attention.valueDim,
                      attention.valueBias);
  Value seen = at.create<transformer::LinearAttentionOp>(
      toDialect(attention.mask), toDialect(attention.normalise),
      featuresOf(at, attention.feature, q),
      featuresOf(at, attention.feature, k), v, at.rows, heads, kvHeads);
  return at.linear(layer, "output", seen, layer.dimOut, attention.outputBias);
}

} // namespace layers
