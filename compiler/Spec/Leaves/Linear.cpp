// A map of each row to another width.
#include "compiler/Spec/Leaves/Leaves.h"

using namespace llvm;

namespace spec {
namespace {

class LinearLeaf final : public LeafOf<Linear> {
public:
  LinearLeaf() : LeafOf("linear", "act(W x + b) for each row") {}

private:
  void fields(Linear &linear, FieldVisitor &visitor) const override {
    visitor.size({"to", "width of the result"}, linear.to);
    visitor.word({"act", "activation"}, linear.act);
    visitor.flag({"bias", "adds a learned vector"}, linear.bias);
    visitor.word(dtypeField, linear.dtype);
  }

  void check(Linear &linear, LeafCheck &at) const override {
    at.need("to", linear.to);
    at.layer.dimOut = linear.to;
  }

  WeightList weights(const Linear &linear, const Layer &layer,
                     const Spec &) const override {
    WeightList list = {{"weight", {linear.to, layer.dimIn}}};
    if (linear.bias)
      list.push_back({"bias", {linear.to}});
    return list;
  }
};

} // namespace

const Leaf &linearLeaf() {
  static const LinearLeaf leaf;
  return leaf;
}

} // namespace spec
