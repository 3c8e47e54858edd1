// What the caller may look at beside the output.
#include "compiler/Spec/Leaves/Leaves.h"

using namespace llvm;

namespace spec {
namespace {

class TapLeaf final : public LeafOf<Tap> {
public:
  TapLeaf()
      : LeafOf("tap",
               "hands the rows at this place to the caller, and on as "
               "they are",
               "as") {}

private:
  void fields(Tap &, FieldVisitor &) const override {}

  void check(Tap &, LeafCheck &at) const override {
    at.refusePooled();
    if (StringRef fault = tapFault(at); !fault.empty())
      at.error(fault);
  }

  WeightList weights(const Tap &, const Layer &, const Spec &) const override {
    return {};
  }
};

} // namespace

StringRef tapFault(const LeafCheck &at) {
  if (at.spec.input == InputKind::Image)
    return "'tap' in a model of images is not supported yet";
  if (at.spec.input == InputKind::Queries)
    return "'tap' in a decoder of queries is not supported yet";
  if (at.spec.translates() && !at.stack.decodes)
    return "'tap' in the encoder of a decoder is not supported yet";
  if (!at.stack.stages.empty())
    return "'tap' behind a leaf that changes the number of rows is not "
           "supported yet";
  return "";
}

const Leaf &tapLeaf() {
  static const TapLeaf leaf;
  return leaf;
}

} // namespace spec
