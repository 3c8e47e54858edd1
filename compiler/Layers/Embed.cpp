// Token ids become rows of a table.
#include "compiler/Layers/LayerBuilder.h"
#include "compiler/Spec/Parser.h"

using namespace mlir;

namespace layers {

Value build(LayerBuilder &at, const spec::Layer &layer,
            const spec::Embed &embed, Value tokens) {
  Value table =
      at.matrix(layer, "weight", vocabOf(layer, at.spec), layer.dimOut);
  return at.create<transformer::EmbedOp>(tokens, table, embed.scale);
}

} // namespace layers
