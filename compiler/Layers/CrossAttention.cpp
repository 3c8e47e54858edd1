// Queries of the decoder's rows, keys and values of the encoder's, attention,
// the output map.
#include "compiler/Layers/HeadMaps.h"

using namespace mlir;

namespace layers {

Value build(LayerBuilder &at, const spec::Layer &layer,
            const spec::CrossAttention &attention, Value x) {
  int64_t heads = attention.heads, kvHeads = attention.kvHeads;
  Value placed = at.withPosition(layer, attention.added, "query_position", x,
                                 at.rows, at.spec.context);
  Value source = at.withPosition(layer, attention.added, "key_position",
                                 at.memory, at.source, at.spec.source.made());
  Value q = buildHeads(at, layer, attention, "query", placed, heads,
                       attention.queryBias);
  Value k = buildHeads(at, layer, attention, "key", source, kvHeads,
                       attention.keyBias);
  Value v = at.linear(layer, "value", at.memory, kvHeads * attention.valueDim,
                      attention.valueBias);
  const spec::AttentionTaps &taps = attention.taps;
  q = tapped(at, layer, taps.queries, "queries", q, heads);
  k = tapped(at, layer, taps.keys, "keys", k, kvHeads);
  v = tapped(at, layer, taps.values, "values", v, kvHeads);
  Value seen = at.create<transformer::CrossAttentionOp>(
      q, k, v, at.rows, at.source, heads, kvHeads, attention.scale,
      softcapOf(at, attention), nameOfTap(at, layer, taps.weights, "weights"),
      nameOfTap(at, layer, taps.scores, "scores"));
  return at.linear(layer, "output", seen, layer.dimOut, attention.outputBias);
}

} // namespace layers
