// Scores over the vocabulary.
#include "compiler/Spec/Leaves/Leaves.h"

using namespace llvm;

namespace spec {
namespace {

class LogitsLeaf final : public LeafOf<Logits> {
public:
  LogitsLeaf()
      : LeafOf("logits", "scores over the vocabulary for each row, the last "
                         "layer") {}

private:
  void fields(Logits &logits, FieldVisitor &visitor) const override {
    visitor.flag({"tied", "the weight is the table of `embed`"}, logits.tied);
    visitor.flag({"bias", "adds a learned vector"}, logits.bias);
    visitor.real({"scale", "multiplies the scores"}, logits.scale,
                 Reals::Positive, 1.0);
    visitor.real({"softcap", "scores s become c tanh(s/c)"}, logits.softcap);
    visitor.word(dtypeField, logits.dtype);
  }

  void check(Logits &logits, LeafCheck &at) const override {
    if (at.nested)
      return at.error("'logits' must be the last layer of the model's own list "
                      "of layers");
    at.stack.scored = true;
    if (at.stack.pooled)
      at.error("'logits' after 'pool': scores are for every row; use 'linear'");
    if (!at.spec.vocab && !at.modelPlace("vocab").line)
      at.error("'logits' needs the model's 'vocab'");
    at.layer.dimOut = at.spec.vocab;
    if (!logits.tied)
      return;
    Layer *embed = at.stack.embed;
    if (!embed && at.stack.incomplete)
      return;
    if (!embed)
      return at.error("tied", "tied logits need an 'embed'");
    if (embed->dimOut && at.layer.dimIn && embed->dimOut != at.layer.dimIn)
      at.error("tied", "tied logits of width " + Twine(at.layer.dimIn) +
                           " cannot use the table of width " +
                           Twine(embed->dimOut) + said(embed->place));
    shareDtype(logits, *embed, at);
  }

  /// One table: what either of the two says of it holds for both.
  static void shareDtype(Logits &logits, Layer &embed, LeafCheck &at) {
    auto &table = std::get<Embed>(embed.body).dtype;
    if (table && logits.dtype && *table != *logits.dtype)
      at.error("dtype", "tied logits in " + wordFor(*logits.dtype) +
                            " cannot use the table in " + wordFor(*table) +
                            said(embed.fields["dtype"]));
    if (!table)
      table = logits.dtype;
    logits.dtype = table;
  }

  WeightList weights(const Logits &logits, const Layer &layer,
                     const Spec &spec) const override {
    WeightList list;
    if (!logits.tied)
      list.push_back({"weight", {spec.vocab, layer.dimIn}});
    if (logits.bias)
      list.push_back({"bias", {spec.vocab}});
    return list;
  }
};

} // namespace

const Leaf &logitsLeaf() {
  static const LogitsLeaf leaf;
  return leaf;
}

} // namespace spec
