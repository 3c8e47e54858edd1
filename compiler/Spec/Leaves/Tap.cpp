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

  void check(Tap &, LeafCheck &at) const override { at.refusePooled(); }

  WeightList weights(const Tap &, const Layer &, const Spec &) const override {
    return {};
  }
};

} // namespace

void tapFields(AttentionTaps &taps, FieldVisitor &visitor) {
  visitor.some({"tap", "what is handed to the caller: `queries` and `keys` as "
                       "they meet, `values` as they are averaged, of each head "
                       "the `scores` of `context` rows, or the `weights` that "
                       "the softmax makes of them"},
               {{"queries", &taps.queries},
                {"keys", &taps.keys},
                {"values", &taps.values},
                {"scores", &taps.scores},
                {"weights", &taps.weights}});
}

void featureTapFields(AttentionTaps &taps, FieldVisitor &visitor) {
  visitor.some({"tap", "what is handed to the caller: `queries` and `keys` as "
                       "features, with `random` and `normalise: rows` queries "
                       "times a number that makes the largest 1, and `values`"},
               {{"queries", &taps.queries},
                {"keys", &taps.keys},
                {"values", &taps.values}});
}

void refuseTaps(LeafCheck &at, ArrayRef<std::pair<StringRef, bool>> words,
                const Twine &why) {
  for (auto [word, said] : words)
    if (said)
      at.error("tap", "'tap: " + word + "' " + why);
}

void checkTaps(const Attention &attention, LeafCheck &at) {
  const AttentionTaps &taps = attention.taps;
  if (!taps)
    return;
  if (attention.scores != Scores::Softmax)
    refuseTaps(at, {{"scores", taps.scores}, {"weights", taps.weights}},
               "needs 'scores: softmax'");
  if (attention.reduce)
    refuseTaps(at, {{"keys", taps.keys}, {"values", taps.values}},
               "beside 'reduce' is not supported yet");
  if (attention.tile)
    refuseTaps(at, {{"scores", taps.scores}, {"weights", taps.weights}},
               "beside 'tile' is not supported yet");
}

const Leaf &tapLeaf() {
  static const TapLeaf leaf;
  return leaf;
}

} // namespace spec
