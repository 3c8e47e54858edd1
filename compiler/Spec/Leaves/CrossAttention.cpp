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
    static constexpr StringRef words[] = {"none", "added"};
    unsigned kind = attention.added.has_value();
    AddedPosition added = attention.added.value_or(AddedPosition());
    visitor.variant({"position",
                     "`added`: learned vectors are added to what queries are "
                     "made of, and others to what keys are made of"},
                    kind, words, [&](unsigned chosen, FieldVisitor &inner) {
                      if (chosen)
                        addedFields(added, inner);
                    });
    attention.added = kind ? std::optional(added) : std::nullopt;
    tapFields(attention.taps, visitor);
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
                     const Spec &spec) const override {
    WeightList list = headWeights(attention, layer, attention.sourceDim);
    if (const auto &added = attention.added) {
      list.push_back(
          addedWeight(*added, "query_position", spec.context, layer.dimIn));
      list.push_back(addedWeight(*added, "key_position", spec.source.made(),
                                 attention.sourceDim));
    }
    return list;
  }
};

} // namespace

const Leaf &crossAttentionLeaf() {
  static const CrossAttentionLeaf leaf;
  return leaf;
}

} // namespace spec
