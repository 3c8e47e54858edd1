// Attention of the decoder's rows over the rows that the encoder has made.
#include "compiler/Spec/Leaves/Leaves.h"

using namespace llvm;

namespace spec {
namespace {

class CrossAttentionLeaf final : public LeafOf<CrossAttention> {
public:
  CrossAttentionLeaf()
      : LeafOf("cross_attention",
               "each row of the decoder gathers from all rows that the encoder "
               "has made of the source") {}

private:
  void fields(CrossAttention &attention, FieldVisitor &visitor) const override {
    headFields(attention, visitor);
    scoreFields(attention, visitor);
  }

  void check(CrossAttention &attention, LeafCheck &at) const override {
    if (!at.stack.decodes)
      return at.error("'cross_attention' stands in a 'decoder': there is no "
                      "encoder here whose rows it could see");
    at.refusePooled();
    at.stack.crosses = true;
    attention.sourceDim = at.spec.sourceDim;
    if (at.need("heads", attention.heads))
      checkHeads(attention, at);
  }

  WeightList weights(const CrossAttention &attention, const Layer &layer,
                     const Spec &) const override {
    return headWeights(attention, layer, attention.sourceDim);
  }
};

} // namespace

const Leaf &crossAttentionLeaf() {
  static const CrossAttentionLeaf leaf;
  return leaf;
}

} // namespace spec
