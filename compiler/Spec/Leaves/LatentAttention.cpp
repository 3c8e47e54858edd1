// Attention whose keys and values are made of a narrow row (DeepSeek-AI 2024,
// DeepSeek-V2: multi-head latent attention).
#include "compiler/Spec/Leaves/Leaves.h"

#include <cmath>

using namespace llvm;

namespace spec {
namespace {

class LatentAttentionLeaf final : public LeafOf<LatentAttention> {
public:
  LatentAttentionLeaf()
      : LeafOf("latent_attention",
               "attention whose keys and values are made of a narrow row") {}

private:
  void fields(LatentAttention &attention,
              FieldVisitor &visitor) const override {
    visitor.size({"heads", "heads (H)"}, attention.heads);
    visitor.size({"head_dim", "width of a query and a key (D), `shared` "
                              "included"},
                 attention.headDim);
    visitor.size({"value_dim", "width of a value (E)", "head_dim - shared"},
                 attention.valueDim);
    visitor.size({"latent", "width of the row that keys and values are made "
                            "of (L)"},
                 attention.latent);
    visitor.size({"query_latent", "width of the row that queries are made of "
                                  "(Q); the row itself without"},
                 attention.queryLatent);
    visitor.size({"shared", "last columns of a key, the same for all heads: "
                            "they alone are rotated (R)"},
                 attention.shared);
    visitor.real({"eps", "of the rms norms of the narrow rows"}, attention.eps,
                 Reals::NotNegative);
    visitor.word({"mask", "as of `attention`"}, attention.mask);
    position(attention, visitor);
    visitor.real({"scale", "multiplies the scores", "head_dim^-0.5"},
                 attention.scale, Reals::Positive, 0.0);
    tapFields(attention.taps, visitor);
    visitor.word(dtypeField, attention.dtype);
  }

  static void position(LatentAttention &attention, FieldVisitor &visitor) {
    static constexpr StringRef words[] = {"none", "rope"};
    unsigned kind = attention.rotary ? 1 : 0;
    Rotary rotary;
    rotary.layout = RotaryLayout::Pairs;
    if (attention.rotary)
      rotary = *attention.rotary;
    visitor.variant({"position", "`rope`: the shared columns and a query's "
                                 "last are rotated by position"},
                    kind, words, [&](unsigned chosen, FieldVisitor &inner) {
                      if (chosen)
                        rotaryFields(rotary, inner);
                    });
    attention.rotary = kind ? std::optional(rotary) : std::nullopt;
  }

  void check(LatentAttention &attention, LeafCheck &at) const override {
    noteAttention(attention.mask, at);
    bool sized = at.need("heads", attention.heads);
    sized &= at.need("head_dim", attention.headDim);
    sized &= at.need("latent", attention.latent);
    sized &= at.need("shared", attention.shared);
    if (!sized)
      return;
    if (attention.shared >= attention.headDim)
      return at.error("shared", Twine(attention.shared) +
                                    " shared columns leave none of the " +
                                    Twine(attention.headDim) + " of a key" +
                                    said(at.place("head_dim")) +
                                    " to the heads");
    if (!attention.valueDim)
      attention.valueDim = attention.headDim - attention.shared;
    if (attention.isNarrow())
      refuseTaps(
          at,
          {{"keys", attention.taps.keys}, {"values", attention.taps.values}},
          "where a session keeps narrow rows is not supported yet");
    if (attention.scale == 0)
      attention.scale = 1.0 / std::sqrt(double(attention.headDim));
    if (attention.rotary)
      checkTurns(attention, at);
  }

  /// What stays of a head is turned by nothing, in pairs.
  static void checkTurns(LatentAttention &attention, LeafCheck &at) {
    Rotary &rotary = *attention.rotary;
    checkRotary(rotary, attention.shared, at);
    if (rotary.layout != RotaryLayout::Pairs)
      at.error("position.rope.layout", "'latent_attention' rotates 'pairs': "
                                       "'halves' is not supported yet");
    if ((attention.headDim - attention.shared) % 2)
      at.error("shared", "the columns before the rotated ones, " +
                             Twine(attention.headDim) + " - " +
                             Twine(attention.shared) + ", must be even");
    else
      checkEvenHeads(attention.heads, attention.headDim, at);
    bool magnifies = rotary.scaling.kind == RotaryScalingKind::Yarn ||
                     rotary.scaling.kind == RotaryScalingKind::LongRope;
    if (magnifies && rotary.scaling.attentionFactor != 1.0)
      at.error("position.rope.scaling", "'latent_attention' takes "
                                        "'attention_factor: 1.0' alone; "
                                        "'scale' multiplies the scores");
  }

  WeightList weights(const LatentAttention &attention, const Layer &layer,
                     const Spec &) const override {
    int64_t heads = attention.heads, latent = attention.latent;
    int64_t queries = attention.queryLatent.value_or(layer.dimIn);
    WeightList list;
    if (attention.queryLatent) {
      list.push_back({"query_latent.weight", {queries, layer.dimIn}});
      list.push_back({"query_latent_norm.weight", {queries}});
    }
    list.push_back({"query.weight", {heads * attention.headDim, queries}});
    list.push_back({"latent.weight", {latent, layer.dimIn}});
    list.push_back({"latent_norm.weight", {latent}});
    list.push_back({"shared_key.weight", {attention.shared, layer.dimIn}});
    list.push_back({"key.weight", {heads * attention.ownDim(), latent}});
    list.push_back({"value.weight", {heads * attention.valueDim, latent}});
    list.push_back(
        {"output.weight", {layer.dimOut, heads * attention.valueDim}});
    return list;
  }
};

} // namespace

const Leaf &latentAttentionLeaf() {
  static const LatentAttentionLeaf leaf;
  return leaf;
}

} // namespace spec
