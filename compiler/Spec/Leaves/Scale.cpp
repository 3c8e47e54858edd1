// Multiplication: LayerScale (Touvron et al. 2021) by a learned vector,
// DeepNorm and factors of embeddings by a number.
#include "compiler/Spec/Leaves/Leaves.h"

using namespace llvm;

namespace spec {
namespace {

class ScaleLeaf final : public LeafOf<Scale> {
public:
  ScaleLeaf()
      : LeafOf("scale",
               "multiplies each column by a learned number, or all by "
               "one",
               "by") {}

private:
  void fields(Scale &scale, FieldVisitor &visitor) const override {
    visitor.real({"by", "one number, not learned"}, scale.by);
  }

  void check(Scale &, LeafCheck &) const override {}

  WeightList weights(const Scale &scale, const Layer &layer,
                     const Spec &) const override {
    if (scale.by)
      return {};
    return {{"weight", {layer.dimIn}}};
  }
};

} // namespace

const Leaf &scaleLeaf() {
  static const ScaleLeaf leaf;
  return leaf;
}

} // namespace spec
