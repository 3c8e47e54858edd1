// LayerNorm and RMSNorm.
#include "compiler/Spec/Leaves/Leaves.h"

using namespace llvm;

namespace spec {
namespace {

class NormLeaf final : public LeafOf<Norm> {
public:
  NormLeaf() : LeafOf("norm", "brings each row to unit size, times a weight") {}

private:
  void fields(Norm &norm, FieldVisitor &visitor) const override {
    visitor.word({"kind", "`layer` subtracts the mean first, `rms` does not"},
                 norm.kind);
    visitor.real({"eps", "added to the variance or mean square"}, norm.eps,
                 Reals::NotNegative);
    visitor.flag({"weight", "multiplies by a learned vector"}, norm.weight,
                 true);
    visitor.flag({"bias", "adds a learned vector; `layer` only",
                  "true for "
                  "`layer`"},
                 norm.bias,
                 norm.kind == NormKind::Rms || !norm.weight
                     ? std::optional(false)
                     : std::nullopt);
    visitor.real({"offset", "added to the weight (Gemma: 1)"}, norm.offset,
                 Reals::Any, 0.0);
  }

  void check(Norm &norm, LeafCheck &at) const override {
    if (!norm.weight && norm.offset != 0)
      at.error("offset", "a norm without a weight has nothing to add to");
    if (norm.kind != NormKind::Rms && norm.weight)
      return;
    if (norm.bias && at.isSaid("bias"))
      at.error("bias", norm.weight ? "an rms norm has no bias"
                                   : "a norm without a weight has no bias");
    norm.bias = false;
  }

  WeightList weights(const Norm &norm, const Layer &layer,
                     const Spec &) const override {
    WeightList list;
    if (norm.weight)
      list.push_back({"weight", {layer.dimIn}});
    if (norm.bias)
      list.push_back({"bias", {layer.dimIn}});
    return list;
  }
};

} // namespace

const Leaf &normLeaf() {
  static const NormLeaf leaf;
  return leaf;
}

} // namespace spec
