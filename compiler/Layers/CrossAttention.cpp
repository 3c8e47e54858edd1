// Queries of the decoder's rows, keys and values of the encoder's, attention,
// the output map.
#include "compiler/Layers/LayerBuilder.h"

using namespace mlir;

namespace layers {

/// Queries or keys, ready to be compared.
static Value buildHeads(LayerBuilder &at, const spec::Layer &layer,
                        const spec::CrossAttention &attention, StringRef name,
                        Value x, int64_t heads, bool bias) {
  int64_t headDim = attention.headDim;
  x = at.linear(layer, name, x, heads * headDim, bias);
  if (!attention.qkNorm)
    return x;
  auto kind = *attention.qkNorm == spec::NormKind::Layer
                  ? transformer::NormKind::Layer
                  : transformer::NormKind::Rms;
  Value weight = at.weight(layer, name.str() + "_norm.weight", {headDim});
  return at.create<transformer::NormOp>(kind, x, weight, Value(),
                                        attention.qkNormEps, 0.0, headDim);
}

Value build(LayerBuilder &at, const spec::Layer &layer,
            const spec::CrossAttention &attention, Value x) {
  int64_t heads = attention.heads, kvHeads = attention.kvHeads;
  Value q =
      buildHeads(at, layer, attention, "query", x, heads, attention.queryBias);
  Value k = buildHeads(at, layer, attention, "key", at.memory, kvHeads,
                       attention.keyBias);
  Value v = at.linear(layer, "value", at.memory, kvHeads * attention.valueDim,
                      attention.valueBias);
  FloatAttr softcap = attention.softcap
                          ? at.builder.getF64FloatAttr(*attention.softcap)
                          : FloatAttr();
  Value seen = at.create<transformer::CrossAttentionOp>(
      q, k, v, at.rows, at.source, heads, kvHeads, attention.scale, softcap);
  return at.linear(layer, "output", seen, layer.dimOut, attention.outputBias);
}

} // namespace layers
