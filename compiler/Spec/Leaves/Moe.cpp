// A mixture of experts: perceptrons of which a router chooses some for each
// row.
#include "compiler/Spec/Leaves/Leaves.h"

using namespace llvm;

namespace spec {
namespace {

void groupFields(ExpertGroups &groups, FieldVisitor &visitor) {
  auto kind = static_cast<unsigned>(groups.score);
  visitor.variant(
      {"groups", "experts fall into as many groups of neighbours, "
                 "and a row takes those of some groups only: by the "
                 "`best` weight in a group, or the sum of its "
                 "`two_best`"},
      kind, wordsOf(groups.score), [&](unsigned chosen, FieldVisitor &inner) {
        if (!chosen)
          return;
        inner.size({"count", "how many there are"}, groups.count);
        inner.size({"top_k", "how many a row takes experts of"}, groups.topK);
      });
  groups.score = static_cast<GroupScore>(kind);
}

class MoeLeaf final : public LeafOf<Moe> {
public:
  MoeLeaf()
      : LeafOf("moe", "the sum of what the experts that a router chooses for a "
                      "row make of it, each as an `mlp`, by their weights; the "
                      "router's scores are f32") {}

private:
  void fields(Moe &moe, FieldVisitor &visitor) const override {
    visitor.size({"experts", "how many there are"}, moe.experts);
    visitor.size({"top_k", "how many a row takes: those with the largest "
                           "scores, of equal ones the first"},
                 moe.topK);
    visitor.idleWord({"router", "how scores become weights: `softmax` over all "
                                "experts, or `sigmoid` of each"},
                     moe.router);
    visitor.flag({"correction",
                  "a value for each expert is added to its weight "
                  "where the largest are chosen, and only there"},
                 moe.correction);
    groupFields(moe.groups, visitor);
    visitor.flag({"normalise",
                  "weights of the chosen are divided by their sum: "
                  "with `softmax` as if over these alone"},
                 moe.normalise);
    visitor.real({"scale", "multiplies the weights"}, moe.scale,
                 Reals::Positive, 1.0);
    visitor.size({"shared", "width of one more expert, which every row takes; "
                            "several are one of their widths together"},
                 moe.shared);
    visitor.flag({"shared_gate", "a map to one value, whose sigmoid weighs the "
                                 "shared expert"},
                 moe.sharedGate);
    mlpFields(moe.expert, visitor);
    visitor.word(dtypeField, moe.dtype);
  }

  void check(Moe &moe, LeafCheck &at) const override {
    bool known = at.need("experts", moe.experts);
    known &= at.need("top_k", moe.topK);
    at.need("hidden", moe.expert.hidden);
    if (known && checkGroups(moe, at) && moe.topK > expertsLeft(moe))
      at.error("top_k", "top_k is " + Twine(moe.topK) + ", but there are " +
                            Twine(expertsLeft(moe)) + " experts" +
                            (moe.groups.score == GroupScore::None
                                 ? ""
                                 : " in the groups that a row takes"));
    if (moe.sharedGate && !moe.shared)
      at.error("shared_gate", "'shared_gate' needs a 'shared' expert");
  }

  static int64_t expertsLeft(const Moe &moe) {
    if (moe.groups.score == GroupScore::None)
      return moe.experts;
    return moe.experts / moe.groups.count * moe.groups.topK;
  }

  static bool checkGroups(const Moe &moe, LeafCheck &at) {
    const auto &[score, count, topK] = moe.groups;
    if (score == GroupScore::None)
      return true;
    const std::string name =
        score == GroupScore::Best ? "groups.best." : "groups.two_best.";
    bool known = at.need(name + "count", count);
    known &= at.need(name + "top_k", topK);
    if (!known)
      return false;
    auto wrong = [&](StringRef field, const Twine &message) {
      at.error(name + field.str(), message);
      return false;
    };
    if (moe.experts % count != 0)
      return wrong("count", Twine(moe.experts) + " experts do not fall into " +
                                Twine(count) + " groups evenly");
    if (score == GroupScore::TwoBest && moe.experts == count)
      return wrong("count", "groups of 1 expert have no two best");
    if (topK > count)
      return wrong("top_k", "top_k is " + Twine(topK) + ", but there are " +
                                Twine(count) + " groups");
    return true;
  }

  WeightList weights(const Moe &moe, const Layer &layer,
                     const Spec &) const override {
    WeightList list;
    list.push_back({"router.weight", {moe.experts, layer.dimIn}});
    if (moe.correction)
      list.push_back({"router.correction", {moe.experts}});
    mlpWeights(moe.expert, "experts.{}.", layer, moe.experts, list);
    if (!moe.shared)
      return list;
    Mlp shared = moe.expert;
    shared.hidden = *moe.shared;
    mlpWeights(shared, "shared.", layer, 0, list);
    if (moe.sharedGate)
      list.push_back({"shared_gate.weight", {1, layer.dimIn}});
    return list;
  }
};

} // namespace

const Leaf &moeLeaf() {
  static const MoeLeaf leaf;
  return leaf;
}

} // namespace spec
