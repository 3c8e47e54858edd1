// Scores over the vocabulary.
#include "compiler/Layers/LayerBuilder.h"

using namespace mlir;

namespace layers {

/// Tied scores take the table of `embed`, the model's first leaf.
static Value table(LayerBuilder &at, const spec::Layer &layer,
                   const spec::Logits &logits) {
  const spec::Layer &owner = logits.tied ? at.first : layer;
  return at.matrix(owner, "weight", at.spec.vocab, layer.dimIn);
}

Value build(LayerBuilder &at, const spec::Layer &layer,
            const spec::Logits &logits, Value x) {
  Value weight = table(at, layer, logits);
  Value bias =
      logits.bias ? at.weight(layer, "bias", {at.spec.vocab}) : Value();
  Value scores = at.create<transformer::LinearOp>(x, weight, bias);
  if (logits.scale != 1.0)
    scores = at.create<transformer::ScaleOp>(scores, logits.scale);
  if (logits.softcap)
    scores = at.create<transformer::SoftcapOp>(scores, *logits.softcap);
  return scores;
}

} // namespace layers
