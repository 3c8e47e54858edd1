// Rows that the caller tells apart: segments of a text, masked patches.
#include "compiler/Spec/Leaves/Leaves.h"

using namespace llvm;

namespace spec {
namespace {

class TypesLeaf final : public LeafOf<Types> {
public:
  TypesLeaf()
      : LeafOf("types", "a vector for each type of row, which the caller says: "
                        "0 if nothing is said") {}

private:
  void fields(Types &types, FieldVisitor &visitor) const override {
    visitor.size({"count", "how many vectors"}, types.count);
    visitor.idleWord({"use", "`add`: that of its type is added to each row; "
                             "`replace`: rows of type t, from 1 on, become "
                             "vector t - 1, others stay (a mask token)"},
                     types.use);
  }

  void check(Types &types, LeafCheck &at) const override {
    if (at.nested)
      return at.error("'types' tells apart rows of the input: it must stand in "
                      "the model's own list of layers");
    if (at.spec.translates())
      return at.error("'types' in an encoder-decoder is not supported yet");
    if (at.refusePooled() || !at.need("count", types.count))
      return;
    if (at.stack.prepend)
      return at.error("'types' tells apart rows of the input: it must stand "
                      "before 'prepend'" +
                      said(at.stack.prepend->place));
    if (at.stack.exit)
      return at.error("'types' tells apart rows of the input: it must stand "
                      "before 'exit'" +
                      said(at.stack.exit->place));
    if (!at.stack.stages.empty())
      return at.error("'types' tells apart rows of the input: it must stand "
                      "before what changes their number");
    if (at.spec.types && at.spec.types != types.types())
      at.error("count", "rows have " + Twine(types.types()) +
                            " types here and " + Twine(at.spec.types) +
                            " in a layer before");
    at.spec.types = types.types();
    at.spec.typedRows = at.stack.rows;
  }

  WeightList weights(const Types &types, const Layer &layer,
                     const Spec &) const override {
    return {{"weight", {types.count, layer.dimIn}}};
  }
};

} // namespace

const Leaf &typesLeaf() {
  static const TypesLeaf leaf;
  return leaf;
}

} // namespace spec
