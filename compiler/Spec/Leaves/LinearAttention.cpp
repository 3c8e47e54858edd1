// Attention whose rows share one running sum.
#include "compiler/Spec/Leaves/Leaves.h"
#include "compiler/Spec/Numbers.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

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
    visitor.word({"mask", "`causal`: a row sees no later row; `prefix`: but "
                          "the rows of a sequence's prefix see each other"},
                 attention.mask);
    feature(attention, visitor);
    visitor.word({"normalise", "what divides the sum: nothing, query * sum of "
                               "keys (`rows`) or the number of rows seen"},
                 attention.normalise);
    decay(attention, visitor);
    normField({"head_norm", "norm of what each head reads"}, attention.headNorm,
              attention.headNormEps, visitor);
    visitor.idleWord({"gate", "of a map of the row: multiplies what its heads "
                              "read, before the output map"},
                     attention.gate);
    mapFields(attention, visitor);
  }

  static void feature(LinearAttention &attention, FieldVisitor &visitor) {
    auto kind = static_cast<unsigned>(attention.feature);
    visitor.variant({"feature", "of each value of queries and keys; `elu`: x + "
                                "1 above 0, else exp x; `random`: in their "
                                "place positive features, whose products "
                                "estimate softmax weights"},
                    kind, wordsOf(attention.feature),
                    [&](unsigned chosen, FieldVisitor &inner) {
                      if (static_cast<Feature>(chosen) == Feature::Random)
                        inner.size({"count", "features of a head (N)"},
                                   attention.randomFeatures);
                    });
    attention.feature = static_cast<Feature>(kind);
  }

  static void decay(LinearAttention &attention, FieldVisitor &visitor) {
    auto kind = static_cast<unsigned>(attention.decay);
    visitor.variant({"decay", "what multiplies the sums of a head of keys "
                              "before a row is added: `fixed` numbers, or the "
                              "sigmoid of a map of that row (`input`)"},
                    kind, wordsOf(attention.decay),
                    [&](unsigned chosen, FieldVisitor &inner) {
                      if (static_cast<Decay>(chosen) == Decay::Fixed)
                        inner.reals({"factors",
                                     "one for each head of keys, or one for "
                                     "all; at most 1",
                                     "1 - 2^(-5 - head)"},
                                    attention.factors);
                    });
    attention.decay = static_cast<Decay>(kind);
  }

  void check(LinearAttention &attention, LeafCheck &at) const override {
    noteAttention(attention.mask, at);
    if (attention.feature == Feature::Random)
      at.need("feature.random.count", attention.randomFeatures);
    if (attention.decay != Decay::None)
      checkDecay(attention, at);
    if (at.need("heads", attention.heads) && checkHeads(attention, at) &&
        attention.decay == Decay::Fixed)
      setFactors(attention, at);
  }

  static void checkDecay(const LinearAttention &attention, LeafCheck &at) {
    if (attention.mask != Mask::Causal)
      at.error("decay", "'decay' needs 'mask: causal'");
    if (attention.normalise == Normalise::Number)
      at.error("decay", "'decay' leaves no number of rows to divide by: it "
                        "needs 'normalise: none' or 'normalise: rows'");
    for (double factor : attention.factors)
      if (factor > 1)
        at.error("decay.fixed.factors",
                 "a decay by " + writeReal(factor) + " grows");
  }

  /// The factors are there in the model, as a parameter.
  static void setFactors(LinearAttention &attention, LeafCheck &at) {
    constexpr size_t most = 1024;
    auto groups = static_cast<size_t>(attention.kvHeads);
    if (groups > most)
      return at.error("decay", Twine(groups) + " kv_heads with a factor each " +
                                   "are more than " + Twine(most));
    std::vector<double> &factors = attention.factors;
    if (factors.empty())
      for (size_t group = 0; group != groups; ++group)
        factors.push_back(1 - std::exp2(-5 - double(group)));
    if (factors.size() == 1)
      factors.resize(groups, factors.front());
    if (factors.size() != groups)
      return at.error("decay.fixed.factors",
                      Twine(factors.size()) + " factors for " + Twine(groups) +
                          " kv_heads" + said(at.place("kv_heads")));
    auto values = std::make_shared<WeightValues>();
    for (auto [group, factor] : enumerate(factors))
      values->entries.push_back({int64_t(group), 0, factor});
    values->derived = true;
    at.layer.values["decay.weight"] = values;
  }

  WeightList weights(const LinearAttention &attention, const Layer &layer,
                     const Spec &) const override {
    WeightList list = headWeights(attention, layer, layer.dimIn);
    if (attention.feature == Feature::Random)
      list.push_back(
          {"feature.weight", {attention.randomFeatures, attention.headDim}});
    if (attention.decay == Decay::Fixed)
      list.push_back({"decay.weight", {attention.kvHeads}});
    if (attention.decay == Decay::Input) {
      list.push_back({"decay.weight", {attention.kvHeads, layer.dimIn}});
      list.push_back({"decay.bias", {attention.kvHeads}});
    }
    if (attention.headNorm)
      list.push_back({"head_norm.weight", {attention.valueDim}});
    if (attention.gate != Gate::None)
      list.push_back(
          {"gate.weight", {attention.heads * attention.valueDim, layer.dimIn}});
    return list;
  }
};

} // namespace

const Leaf &linearAttentionLeaf() {
  static const LinearAttentionLeaf leaf;
  return leaf;
}

} // namespace spec
