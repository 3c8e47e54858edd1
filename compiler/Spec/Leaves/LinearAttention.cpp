// Attention whose rows share one running sum.
#include "compiler/Spec/Leaves/Leaves.h"

using namespace llvm;

namespace spec {
namespace {

class LinearAttentionLeaf final : public LeafOf<LinearAttention> {
public:
  LinearAttentionLeaf()
      : LeafOf("linear_attention",
               "each row reads the sum of key * value over the rows that it "
               "sees; a session keeps that sum instead of rows") {}

private:
  void fields(LinearAttention &attention,
              FieldVisitor &visitor) const override {
    headFields(attention, visitor);
    visitor.word({"mask", "`causal`: a row sees no later row"}, attention.mask);
    visitor.word({"feature", "of each value of queries and keys; `elu`: x + 1 "
                             "above 0, else exp x"},
                 attention.feature);
    visitor.word({"normalise", "what divides the sum: nothing, query * sum of "
                               "keys (`rows`) or the number of rows seen"},
                 attention.normalise);
    mapFields(attention, visitor);
  }

  void check(LinearAttention &attention, LeafCheck &at) const override {
    noteAttention(attention.mask, at);
    if (attention.mask == Mask::Prefix)
      at.error("mask", "'mask: prefix' is for softmax scores");
    if (at.need("heads", attention.heads))
      checkHeads(attention, at);
  }

  WeightList weights(const LinearAttention &attention, const Layer &layer,
                     const Spec &) const override {
    return headWeights(attention, layer, layer.dimIn);
  }
};

} // namespace

const Leaf &linearAttentionLeaf() {
  static const LinearAttentionLeaf leaf;
  return leaf;
}

} // namespace spec
