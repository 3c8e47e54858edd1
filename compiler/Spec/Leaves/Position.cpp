// Adds what stands for a row's position.
#include "compiler/Spec/Leaves/Leaves.h"
#include "compiler/Spec/Parser.h"

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
    // Pairs are what is meant unless something else is said.
    unsigned halves = position.layout == RotaryLayout::Halves;
    static constexpr StringRef layouts[] = {"pairs", "halves"};
    visitor.variant({"layout", "of sinusoids: sine and cosine of a frequency "
                               "in `pairs` of columns, or all sines before "
                               "all cosines"},
                    halves, layouts, [](unsigned, FieldVisitor &) {});
    position.layout = halves ? RotaryLayout::Halves : RotaryLayout::Pairs;
    visitor.size({"first",
                  "of sinusoids: the position of a sequence's first "
                  "row",
                  "0"},
                 position.first);
    visitor.flag({"inclusive", "of sinusoids: the slowest frequency is "
                               "1/10000 itself, exponents are i/(n - 1) of n "
                               "pairs"},
                 position.inclusive);
  }

  void check(Position &position, LeafCheck &at) const override {
    if (at.refusePooled())
      return;
    if (position.kind == PositionKind::Sinusoidal && at.layer.dimIn % 2)
      at.error("kind", "sinusoidal positions need an even width, not " +
                           Twine(at.layer.dimIn));
    if (position.inclusive && at.layer.dimIn == 2)
      at.error("inclusive", "one frequency has no first and last");
    if (position.kind == PositionKind::Sinusoidal)
      return;
    for (auto [field, said] :
         {std::pair("layout", position.layout == RotaryLayout::Halves),
          std::pair("first", position.first != 0),
          std::pair("inclusive", position.inclusive)})
      if (said)
        at.error(field, "'" + Twine(field) + "' is for sinusoidal positions");
  }

  WeightList weights(const Position &position, const Layer &layer,
                     const Spec &spec) const override {
    if (position.kind != PositionKind::Learned)
      return {};
    return {{"weight", {contextOf(layer, spec), layer.dimIn}}};
  }
};

} // namespace

const Leaf &positionLeaf() {
  static const PositionLeaf leaf;
  return leaf;
}

} // namespace spec
