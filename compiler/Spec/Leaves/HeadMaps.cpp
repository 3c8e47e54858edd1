// What the kinds of attention share: sizes of heads, their maps, their scores.
#include "compiler/Spec/Leaves/Leaves.h"

#include <cmath>

using namespace llvm;

namespace spec {

void normField(const Field &field, std::optional<NormKind> &norm, double &eps,
               FieldVisitor &visitor, FieldVisitor::Fields more) {
  static constexpr StringRef words[] = {"none", "layer", "rms"};
  unsigned kind = norm ? 1 + static_cast<unsigned>(*norm) : 0;
  visitor.variant(
      field, kind, words, [&](unsigned chosen, FieldVisitor &inner) {
        if (!chosen)
          return;
        inner.real({"eps", "of that norm"}, eps, Reals::NotNegative);
        if (more)
          more(inner);
      });
  norm = kind ? std::optional(static_cast<NormKind>(kind - 1)) : std::nullopt;
}

static void qkNorm(HeadMaps &heads, FieldVisitor &visitor) {
  normField({"qk_norm", "norm of queries and keys"}, heads.qkNorm,
            heads.qkNormEps, visitor, [&](FieldVisitor &inner) {
              inner.idleWord({"over", "what has a norm of its own: each "
                                      "head, or a row's heads together"},
                             heads.qkNormOver);
            });
}

void gateField(Gate &gate, FieldVisitor &visitor) {
  visitor.idleWord({"gate", "of a map of the row: multiplies what its heads "
                            "read, before the output map"},
                   gate);
}

LeafWeight gateWeight(const HeadMaps &heads, const Layer &layer) {
  return {"gate.weight", {heads.heads * heads.valueDim, layer.dimIn}};
}

void noteAttention(Mask mask, LeafCheck &at) {
  at.refusePooled();
  at.stack.attends = true;
  at.stack.seesLater |= mask == Mask::None;
  at.stack.prefix |= mask == Mask::Prefix;
}

void headFields(HeadMaps &heads, FieldVisitor &visitor) {
  visitor.size({"heads", "query heads (H)"}, heads.heads);
  visitor.size({"kv_heads",
                "key and value heads (G), shared evenly by the "
                "query heads",
                "`heads`"},
               heads.kvHeads);
  visitor.size({"head_dim", "width of a query and a key (D)", "width / heads"},
               heads.headDim);
  visitor.size({"value_dim", "width of a value (E)", "`head_dim`"},
               heads.valueDim);
}

void scoreFields(HeadMaps &heads, FieldVisitor &visitor) {
  visitor.real({"scale", "multiplies the scores", "head_dim^-0.5"}, heads.scale,
               Reals::Positive, 0.0);
  visitor.real({"softcap", "scores s become c tanh(s/c)"}, heads.softcap);
  qkNorm(heads, visitor);
  mapFields(heads, visitor);
}

void mapFields(HeadMaps &heads, FieldVisitor &visitor) {
  visitor.parts({"bias", "adds learned vectors to the four maps"},
                {{"query", &heads.queryBias},
                 {"key", &heads.keyBias},
                 {"value", &heads.valueBias},
                 {"output", &heads.outputBias}});
  visitor.word(dtypeField, heads.dtype);
}

bool checkHeads(HeadMaps &heads, LeafCheck &at) {
  if (!heads.kvHeads)
    heads.kvHeads = heads.heads;
  if (heads.heads % heads.kvHeads)
    at.error("kv_heads", Twine(heads.heads) + " heads" +
                             said(at.place("heads")) + " cannot share " +
                             Twine(heads.kvHeads) + " kv_heads evenly");
  int64_t width = at.layer.dimIn;
  if (!heads.headDim && width % heads.heads) {
    at.error("heads", Twine(heads.heads) + " heads do not divide the width " +
                          Twine(width) + said(at.modelPlace("dim")) +
                          "; say 'head_dim'");
    return false;
  }
  if (!heads.headDim)
    heads.headDim = width / heads.heads;
  if (!heads.headDim)
    return false; // the width is unknown after an error
  if (!heads.valueDim)
    heads.valueDim = heads.headDim;
  if (heads.scale == 0)
    heads.scale = 1.0 / std::sqrt(double(heads.headDim));
  return true;
}

WeightList headWeights(const HeadMaps &heads, const Layer &layer,
                       int64_t sourceDim) {
  WeightList list;
  auto add = [&](StringRef name, int64_t rows, int64_t columns, bool bias) {
    list.push_back({(name + ".weight").str(), {rows, columns}});
    if (bias)
      list.push_back({(name + ".bias").str(), {rows}});
  };
  int64_t query = heads.heads * heads.headDim;
  int64_t key = heads.kvHeads * heads.headDim;
  add("query", query, layer.dimIn, heads.queryBias);
  add("key", key, sourceDim, heads.keyBias);
  add("value", heads.kvHeads * heads.valueDim, sourceDim, heads.valueBias);
  add("output", layer.dimOut, heads.heads * heads.valueDim, heads.outputBias);
  if (heads.qkNorm) {
    bool rows = heads.qkNormOver == QkNormOver::Row;
    list.push_back({"query_norm.weight", {rows ? query : heads.headDim}});
    list.push_back({"key_norm.weight", {rows ? key : heads.headDim}});
  }
  return list;
}

} // namespace spec
