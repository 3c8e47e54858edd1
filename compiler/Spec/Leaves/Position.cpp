// Adds what stands for a row's position.
#include "compiler/Spec/Leaves/Leaves.h"

using namespace llvm;

namespace spec {
namespace {

class PositionLeaf final : public LeafOf<Position> {
public:
  PositionLeaf()
      : LeafOf("position", "adds a vector that stands for the row's position",
               "kind") {}

private:
  void fields(Position &position, FieldVisitor &visitor) const override {
    visitor.word({"kind", "`learned`: a table of `context` rows; `sinusoidal`: "
                          "Vaswani et al. 2017, section 3.5"},
                 position.kind);
  }

  void check(Position &position, LeafCheck &at) const override {
    if (at.stack.pooled)
      return at.error("'position' after 'pool': one row a sequence is left");
    if (position.kind == PositionKind::Sinusoidal && at.layer.dimIn % 2)
      at.error("kind", "sinusoidal positions need an even width, not " +
                           Twine(at.layer.dimIn));
  }

  WeightList weights(const Position &position, const Layer &layer,
                     const Spec &spec) const override {
    if (position.kind != PositionKind::Learned)
      return {};
    return {{"weight", {spec.context, layer.dimIn}}};
  }
};

} // namespace

const Leaf &positionLeaf() {
  static const PositionLeaf leaf;
  return leaf;
}

} // namespace spec
