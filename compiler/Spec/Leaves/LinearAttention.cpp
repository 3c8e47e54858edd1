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
    visitor.inner({"conv", "what the maps make of a row is weighed with what "
                           "they have made of those before it, each column "
                           "by itself"},
                  [&](FieldVisitor &inner) { conv(attention.conv, inner); });
    feature(attention, visitor);
    lengths(attention, visitor);
    visitor.real({"scale", "multiplies queries"}, attention.scale,
                 Reals::Positive, 1.0);
    visitor.word({"normalise", "what divides the sum: nothing, query * sum of "
                               "keys (`rows`) or the number of rows seen"},
                 attention.normalise);
    visitor.idleWord({"update", "`delta`: of a row, the sums take what they do "
                                "not yet answer to its key, as much as the "
                                "sigmoid of a map of the row says"},
                     attention.update);
    decay(attention, visitor);
    normField({"head_norm", "norm of what each head reads"}, attention.headNorm,
              attention.headNormEps, visitor);
    gateField(attention.gate, visitor);
    featureTapFields(attention.taps, visitor);
    mapFields(attention, visitor);
  }

  static void conv(ShortConv &conv, FieldVisitor &visitor) {
    visitor.size({"size", "rows that are weighed, the row itself the last"},
                 conv.size);
    visitor.idleWord({"act", "activation"}, conv.act);
    visitor.flag({"bias", "adds a learned vector"}, conv.bias);
  }

  static void lengths(LinearAttention &attention, FieldVisitor &visitor) {
    static constexpr StringRef words[] = {"none", "l2"};
    unsigned kind = attention.unitEps ? 1 : 0;
    double eps = attention.unitEps.value_or(1e-6);
    visitor.variant({"qk_norm", "`l2`: queries and keys of each head are "
                                "divided by their length"},
                    kind, words, [&](unsigned chosen, FieldVisitor &inner) {
                      if (chosen)
                        inner.real({"eps", "added to the square of it"}, eps,
                                   Reals::NotNegative);
                    });
    attention.unitEps = kind ? std::optional(eps) : std::nullopt;
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
                      if (static_cast<Decay>(chosen) == Decay::Input)
                        inner.flag({"power", "to a learned power, of each head "
                                             "of keys its own"},
                                   attention.power);
                    });
    attention.decay = static_cast<Decay>(kind);
  }

  void check(LinearAttention &attention, LeafCheck &at) const override {
    noteAttention(attention.mask, at);
    if (attention.feature == Feature::Random) {
      at.need("feature.random.count", attention.randomFeatures);
      if (attention.unitEps)
        at.error("qk_norm", "'qk_norm' is for features of single values, not "
                            "for 'feature: random'");
    }
    if (attention.decay != Decay::None)
      checkDecay(attention, at);
    if (attention.update == Update::Delta)
      checkDelta(attention, at);
    checkConv(attention, at);
    if (at.need("heads", attention.heads) && checkHeads(attention, at) &&
        attention.decay == Decay::Fixed)
      setFactors(attention, at);
  }

  static void checkDelta(const LinearAttention &attention, LeafCheck &at) {
    if (attention.mask != Mask::Causal)
      at.error("update", "'update: delta' needs 'mask: causal'");
    if (attention.normalise != Normalise::None)
      at.error("update", "sums that 'update: delta' makes are not those of "
                         "weights: it needs 'normalise: none'");
  }

  static void checkConv(const LinearAttention &attention, LeafCheck &at) {
    const ShortConv &conv = attention.conv;
    if (!at.isSaid("conv"))
      return;
    if (!conv.size)
      return at.error("conv", "'conv' needs 'size'");
    if (*conv.size < 2)
      at.error("conv.size", "a window of 1 row sees no other");
    if (attention.mask != Mask::Causal)
      at.error("conv", "'conv' sees earlier rows alone: it needs "
                       "'mask: causal'");
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
      if (attention.power)
        list.push_back({"decay.power", {attention.kvHeads}});
    }
    if (attention.headNorm)
      list.push_back({"head_norm.weight", {attention.valueDim}});
    if (attention.gate != Gate::None)
      list.push_back(gateWeight(attention, layer));
    if (attention.update == Update::Delta)
      list.push_back({"update.weight", {attention.kvHeads, layer.dimIn}});
    if (attention.conv.size)
      convWeights(attention, list);
    return list;
  }

  static void convWeights(const LinearAttention &attention, WeightList &list) {
    int64_t key = attention.headDim, value = attention.valueDim;
    for (auto [name, width] : {std::pair("query", attention.heads * key),
                               std::pair("key", attention.kvHeads * key),
                               std::pair("value", attention.kvHeads * value)}) {
      std::string scope = std::string(name) + "_conv.";
      list.push_back({scope + "weight", {width, *attention.conv.size}});
      if (attention.conv.bias)
        list.push_back({scope + "bias", {width}});
    }
  }
};

} // namespace

const Leaf &linearAttentionLeaf() {
  static const LinearAttentionLeaf leaf;
  return leaf;
}

} // namespace spec
