// Token ids become rows of a table.
#include "compiler/Spec/Leaves/Leaves.h"
#include "compiler/Spec/Parser.h"

using namespace llvm;

namespace spec {
namespace {

class EmbedLeaf final : public LeafOf<Embed> {
public:
  EmbedLeaf() : LeafOf("embed", "token ids become rows of a table") {}

private:
  void fields(Embed &embed, FieldVisitor &visitor) const override {
    visitor.real({"scale", "multiplies the row"}, embed.scale, Reals::Positive,
                 1.0);
    visitor.word(dtypeField, embed.dtype);
  }

  void check(Embed &, LeafCheck &at) const override {
    at.stack.embed = &at.layer;
    if ((at.stack.started && !at.stack.incomplete) || at.nested)
      return at.error("'embed' turns token ids into rows: it must be the first "
                      "layer");
    at.spec.input = InputKind::Tokens;
    at.layer.dimOut = at.spec.dim;
    if (!vocabOf(at.layer, at.spec) && !at.modelPlace("vocab").line)
      at.error("'embed' needs the model's 'vocab'");
    if (!contextOf(at.layer, at.spec) && !at.modelPlace("context").line)
      at.error("a model of tokens needs 'context', the most rows of a "
               "sequence");
  }

  WeightList weights(const Embed &, const Layer &layer,
                     const Spec &spec) const override {
    return {{"weight", {vocabOf(layer, spec), layer.dimOut}}};
  }
};

} // namespace

const Leaf &embedLeaf() {
  static const EmbedLeaf leaf;
  return leaf;
}

} // namespace spec
