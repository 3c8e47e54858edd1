// The two-layer perceptron applied to each row, plain or gated.
#include "compiler/Spec/Leaves/Leaves.h"

using namespace llvm;

namespace spec {
namespace {

class MlpLeaf final : public LeafOf<Mlp> {
public:
  MlpLeaf()
      : LeafOf("mlp", "down(act(up x)), or gated down(act(gate x) * up "
                      "x), for each row") {}

private:
  void fields(Mlp &mlp, FieldVisitor &visitor) const override {
    visitor.size({"hidden", "width between up and down (F)"}, mlp.hidden);
    visitor.word({"act", "activation; `gelu` is the exact one, `relu2` the "
                         "square of relu"},
                 mlp.act);
    visitor.flag({"gated", "a third map whose activation multiplies up"},
                 mlp.gated);
    visitor.flag({"bias", "of all its maps"}, mlp.bias);
    visitor.word(dtypeField, mlp.dtype);
  }

  void check(Mlp &mlp, LeafCheck &at) const override {
    at.need("hidden", mlp.hidden);
  }

  WeightList weights(const Mlp &mlp, const Layer &layer,
                     const Spec &) const override {
    WeightList list;
    auto add = [&](StringRef name, int64_t rows, int64_t columns) {
      list.push_back({(name + ".weight").str(), {rows, columns}});
      if (mlp.bias)
        list.push_back({(name + ".bias").str(), {rows}});
    };
    if (mlp.gated)
      add("gate", mlp.hidden, layer.dimIn);
    add("up", mlp.hidden, layer.dimIn);
    add("down", layer.dimOut, mlp.hidden);
    return list;
  }
};

} // namespace

const Leaf &mlpLeaf() {
  static const MlpLeaf leaf;
  return leaf;
}

} // namespace spec
