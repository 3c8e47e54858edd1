// Multi-head attention, with query groups, rotary positions and windows.
#include "compiler/Spec/Leaves/Leaves.h"

#include <cmath>

using namespace llvm;

namespace spec {
namespace {

class AttentionLeaf final : public LeafOf<Attention> {
public:
  AttentionLeaf()
      : LeafOf("attention", "each row gathers from the rows of its sequence") {}

private:
  static Words positionWords() {
    static constexpr StringRef words[] = {"none", "rope", "alibi", "relative"};
    return words;
  }
  static Words qkNormWords() {
    static constexpr StringRef words[] = {"none", "layer", "rms"};
    return words;
  }

  void fields(Attention &attention, FieldVisitor &visitor) const override {
    visitor.size({"heads", "query heads (H)"}, attention.heads);
    visitor.size({"kv_heads",
                  "key and value heads (G), shared evenly by the "
                  "query heads",
                  "`heads`"},
                 attention.kvHeads);
    visitor.size(
        {"head_dim", "width of a query and a key (D)", "width / heads"},
        attention.headDim);
    visitor.size({"value_dim", "width of a value (E)", "`head_dim`"},
                 attention.valueDim);
    visitor.word({"mask", "`causal`: a row sees no later row"}, attention.mask);
    visitor.idleWord({"scores", "how scores become weights; `hard`: the rows "
                                "with the best one alike"},
                     attention.scores);
    visitor.idleWord({"normalise", "what divides the sum, for `linear` and "
                                   "`relu`: nothing, the sum of the weights or "
                                   "the number of rows seen"},
                     attention.normalise);
    visitor.idleWord({"sources", "rows that may be seen; `but_last` hides a "
                                 "sequence's last row"},
                     attention.sources);
    visitor.idleWord({"output", "`sum`: the heads' values, as wide as the "
                                "rows, are added without a map"},
                     attention.output);
    visitor.size({"window", "rows that a row sees, itself included; causal "
                            "only"},
                 attention.window);
    position(attention, visitor);
    visitor.real({"scale", "multiplies the scores", "head_dim^-0.5"},
                 attention.scale, Reals::Positive, 0.0);
    visitor.real({"softcap", "scores s become c tanh(s/c)"}, attention.softcap);
    qkNorm(attention, visitor);
    visitor.parts({"bias", "adds learned vectors to the four maps"},
                  {{"query", &attention.queryBias},
                   {"key", &attention.keyBias},
                   {"value", &attention.valueBias},
                   {"output", &attention.outputBias}});
    visitor.word(dtypeField, attention.dtype);
  }

  static void position(Attention &attention, FieldVisitor &visitor) {
    enum { None, Rope, Alibi, Relative };
    unsigned kind = attention.rotary     ? Rope
                    : attention.alibi    ? Alibi
                    : attention.relative ? Relative
                                         : None;
    Rotary rotary = attention.rotary.value_or(Rotary());
    RelativeBias relative = attention.relative.value_or(RelativeBias());
    visitor.variant({"position", "`rope`: queries and keys are rotated by "
                                 "position; the others add to the scores: "
                                 "`alibi` what falls with the distance, "
                                 "`relative` what is learned"},
                    kind, positionWords(),
                    [&](unsigned chosen, FieldVisitor &inner) {
                      if (chosen == Rope)
                        rotaryFields(rotary, inner);
                      if (chosen == Relative)
                        relativeFields(relative, inner);
                    });
    attention.rotary = kind == Rope ? std::optional(rotary) : std::nullopt;
    attention.alibi = kind == Alibi;
    attention.relative =
        kind == Relative ? std::optional(relative) : std::nullopt;
  }

  static void qkNorm(Attention &attention, FieldVisitor &visitor) {
    unsigned kind =
        attention.qkNorm ? 1 + static_cast<unsigned>(*attention.qkNorm) : 0;
    visitor.variant({"qk_norm", "norm of each head's query and key"}, kind,
                    qkNormWords(), [&](unsigned chosen, FieldVisitor &inner) {
                      if (chosen)
                        inner.real({"eps", "of that norm"}, attention.qkNormEps,
                                   Reals::NotNegative);
                    });
    attention.qkNorm =
        kind ? std::optional(static_cast<NormKind>(kind - 1)) : std::nullopt;
  }

  void check(Attention &attention, LeafCheck &at) const override {
    if (at.stack.pooled)
      at.error("'attention' after 'pool': one row a sequence is left");
    at.stack.attends = true;
    at.stack.seesLater |= attention.mask == Mask::None;
    if (attention.window && attention.mask == Mask::None)
      at.error("window", "a window needs 'mask: causal'");
    if (attention.scores != Scores::Softmax ||
        attention.sources != Sources::All)
      checkScores(attention, at);
    else if (attention.normalise != Normalise::None)
      at.error("normalise", "softmax weights sum to 1 already");
    if (at.need("heads", attention.heads))
      sizes(attention, at);
    if (attention.output == HeadOutput::Sum)
      sumHeads(attention, at);
  }

  static void checkScores(Attention &attention, LeafCheck &at) {
    if (attention.scores == Scores::Softmax)
      at.error("sources", "'sources: but_last' needs other 'scores' than "
                          "softmax");
    if (attention.scores == Scores::Hard &&
        attention.normalise != Normalise::None)
      at.error("normalise", "hard attention is a mean already");
    if (attention.sources == Sources::ButLast && attention.mask != Mask::None)
      at.error("sources", "a row sees no later row already: "
                          "'sources: but_last' needs 'mask: none'");
    for (StringRef field : {"window", "softcap"})
      if ((field == "window" && attention.window) ||
          (field == "softcap" && attention.softcap))
        at.error(field, "'" + field + "' is for softmax scores");
    if (attention.alibi || attention.relative)
      at.error("position", "a bias of the scores is for softmax scores");
  }

  /// The output map is there in the model, as a parameter that adds the heads.
  static void sumHeads(Attention &attention, LeafCheck &at) {
    int64_t width = at.layer.dimIn;
    if (attention.outputBias)
      at.error("bias", "'output: sum' has no output map and no bias of it");
    if (width && attention.valueDim != width)
      at.error(at.isSaid("value_dim") ? "value_dim" : "output",
               "values of " + Twine(attention.valueDim) +
                   " cannot be added to rows of " + Twine(width));
    auto sum = std::make_shared<WeightValues>();
    sum->period = width;
    sum->diagonal = 1.0;
    at.layer.values["output.weight"] = sum;
  }

  static void sizes(Attention &attention, LeafCheck &at) {
    if (!attention.kvHeads)
      attention.kvHeads = attention.heads;
    if (attention.heads % attention.kvHeads)
      at.error("kv_heads", Twine(attention.heads) + " heads" +
                               said(at.place("heads")) + " cannot share " +
                               Twine(attention.kvHeads) + " kv_heads evenly");
    int64_t width = at.layer.dimIn;
    if (!attention.headDim && width % attention.heads)
      return at.error("heads", Twine(attention.heads) +
                                   " heads do not divide the width " +
                                   Twine(width) + said(at.modelPlace("dim")) +
                                   "; say 'head_dim'");
    if (!attention.headDim)
      attention.headDim = width / attention.heads;
    if (!attention.headDim)
      return; // the width is unknown after an error
    if (!attention.valueDim)
      attention.valueDim =
          attention.output == HeadOutput::Sum ? width : attention.headDim;
    if (attention.scale == 0)
      attention.scale = 1.0 / std::sqrt(double(attention.headDim));
    if (attention.rotary)
      checkRotary(*attention.rotary, attention.headDim, at);
    if (attention.relative)
      checkRelative(*attention.relative, attention.mask, at);
  }

  WeightList weights(const Attention &attention, const Layer &layer,
                     const Spec &) const override {
    int64_t heads = attention.heads, groups = attention.kvHeads;
    int64_t query = heads * attention.headDim, key = groups * attention.headDim;
    int64_t value = groups * attention.valueDim;
    WeightList list;
    auto add = [&](StringRef name, int64_t rows, int64_t columns, bool bias) {
      list.push_back({(name + ".weight").str(), {rows, columns}});
      if (bias)
        list.push_back({(name + ".bias").str(), {rows}});
    };
    add("query", query, layer.dimIn, attention.queryBias);
    add("key", key, layer.dimIn, attention.keyBias);
    add("value", value, layer.dimIn, attention.valueBias);
    add("output", layer.dimOut, heads * attention.valueDim,
        attention.outputBias);
    if (attention.qkNorm) {
      list.push_back({"query_norm.weight", {attention.headDim}});
      list.push_back({"key_norm.weight", {attention.headDim}});
    }
    if (const auto &relative = attention.relative)
      list.push_back(
          {"relative.weight", {relative->buckets, heads}, relative->shared});
    return list;
  }
};

} // namespace

const Leaf &attentionLeaf() {
  static const AttentionLeaf leaf;
  return leaf;
}

} // namespace spec
