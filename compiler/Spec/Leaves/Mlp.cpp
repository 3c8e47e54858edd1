// The two-layer perceptron applied to each row, plain or gated.
#include "compiler/Spec/Leaves/Leaves.h"

using namespace llvm;

namespace spec {

void mlpFields(Mlp &mlp, FieldVisitor &visitor) {
  visitor.size({"hidden", "width between up and down (F)"}, mlp.hidden);
  visitor.word({"act", "activation; `gelu` is the exact one, `relu2` the "
                       "square of relu"},
               mlp.act);
  visitor.flag({"gated", "a third map whose activation multiplies up"},
               mlp.gated);
  visitor.flag({"bias", "of all its maps"}, mlp.bias);
}

void mlpWeights(const Mlp &mlp, StringRef prefix, const Layer &layer,
                int64_t copies, WeightList &to) {
  auto add = [&](StringRef name, int64_t rows, int64_t columns) {
    to.push_back(
        {(prefix + name + ".weight").str(), {rows, columns}, false, copies});
    if (mlp.bias)
      to.push_back({(prefix + name + ".bias").str(), {rows}, false, copies});
  };
  if (mlp.gated)
    add("gate", mlp.hidden, layer.dimIn);
  add("up", mlp.hidden, layer.dimIn);
  add("down", layer.dimOut, mlp.hidden);
}

namespace {

class MlpLeaf final : public LeafOf<Mlp> {
public:
  MlpLeaf()
      : LeafOf("mlp", "down(act(up x)), or gated down(act(gate x) * up "
                      "x), for each row") {}

private:
  void fields(Mlp &mlp, FieldVisitor &visitor) const override {
    mlpFields(mlp, visitor);
    visitor.word(dtypeField, mlp.dtype);
  }

  void check(Mlp &mlp, LeafCheck &at) const override {
    at.need("hidden", mlp.hidden);
  }

  WeightList weights(const Mlp &mlp, const Layer &layer,
                     const Spec &) const override {
    WeightList list;
    mlpWeights(mlp, "", layer, 0, list);
    return list;
  }
};

} // namespace

const Leaf &mlpLeaf() {
  static const MlpLeaf leaf;
  return leaf;
}

} // namespace spec
