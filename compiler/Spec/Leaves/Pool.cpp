// One row stands for the sequence.
#include "compiler/Spec/Leaves/Leaves.h"

using namespace llvm;

namespace spec {
namespace {

class PoolLeaf final : public LeafOf<Pool> {
public:
  PoolLeaf() : LeafOf("pool", "one row is left of each sequence", "kind") {}

private:
  void fields(Pool &pool, FieldVisitor &visitor) const override {
    visitor.word({"kind", "the `first` row, the `last` one or the `mean` of "
                          "all"},
                 pool.kind);
  }

  void check(Pool &, LeafCheck &at) const override {
    if (at.nested)
      return at.error("'pool' changes the number of rows: it must stand in the "
                      "model's own list of layers");
    at.refusePooled();
    at.stack.pooled = true;
    at.leaveGrid("leaves one row of them");
  }

  WeightList weights(const Pool &, const Layer &, const Spec &) const override {
    return {};
  }
};

} // namespace

const Leaf &poolLeaf() {
  static const PoolLeaf leaf;
  return leaf;
}

} // namespace spec
