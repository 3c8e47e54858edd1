// Attention of the decoder's rows over the rows that the encoder has made.
#include "compiler/Spec/Leaves/Leaves.h"

#include <cmath>

using namespace llvm;

namespace spec {
namespace {

class CrossAttentionLeaf final : public LeafOf<CrossAttention> {
public:
  CrossAttentionLeaf()
      : LeafOf("cross_attention",
               "each row of the decoder gathers from all rows that the encoder "
               "has made of the source") {}

private:
  void fields(CrossAttention &attention, FieldVisitor &visitor) const override {
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

  static void qkNorm(CrossAttention &attention, FieldVisitor &visitor) {
    static constexpr StringRef words[] = {"none", "layer", "rms"};
    unsigned kind =
        attention.qkNorm ? 1 + static_cast<unsigned>(*attention.qkNorm) : 0;
    visitor.variant({"qk_norm", "norm of each head's query and key"}, kind,
                    words, [&](unsigned chosen, FieldVisitor &inner) {
                      if (chosen)
                        inner.real({"eps", "of that norm"}, attention.qkNormEps,
                                   Reals::NotNegative);
                    });
    attention.qkNorm =
        kind ? std::optional(static_cast<NormKind>(kind - 1)) : std::nullopt;
  }

  void check(CrossAttention &attention, LeafCheck &at) const override {
    if (!at.stack.decodes)
      return at.error("'cross_attention' stands in a 'decoder': there is no "
                      "encoder here whose rows it could see");
    if (at.stack.pooled)
      at.error("'cross_attention' after 'pool': one row a sequence is left");
    at.stack.crosses = true;
    attention.sourceDim = at.spec.sourceDim;
    if (at.need("heads", attention.heads))
      sizes(attention, at);
  }

  static void sizes(CrossAttention &attention, LeafCheck &at) {
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
      attention.valueDim = attention.headDim;
    if (attention.scale == 0)
      attention.scale = 1.0 / std::sqrt(double(attention.headDim));
  }

  WeightList weights(const CrossAttention &attention, const Layer &layer,
                     const Spec &) const override {
    int64_t heads = attention.heads, groups = attention.kvHeads;
    WeightList list;
    auto add = [&](StringRef name, int64_t rows, int64_t columns, bool bias) {
      list.push_back({(name + ".weight").str(), {rows, columns}});
      if (bias)
        list.push_back({(name + ".bias").str(), {rows}});
    };
    add("query", heads * attention.headDim, layer.dimIn, attention.queryBias);
    add("key", groups * attention.headDim, attention.sourceDim,
        attention.keyBias);
    add("value", groups * attention.valueDim, attention.sourceDim,
        attention.valueBias);
    add("output", layer.dimOut, heads * attention.valueDim,
        attention.outputBias);
    if (attention.qkNorm) {
      list.push_back({"query_norm.weight", {attention.headDim}});
      list.push_back({"key_norm.weight", {attention.headDim}});
    }
    return list;
  }
};

} // namespace

const Leaf &crossAttentionLeaf() {
  static const CrossAttentionLeaf leaf;
  return leaf;
}

} // namespace spec
