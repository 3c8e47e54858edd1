// Multi-head attention, with query groups, rotary positions and windows.
#include "compiler/Spec/Leaves/Leaves.h"
#include "compiler/Spec/Parser.h"

using namespace llvm;

namespace spec {
namespace {

class AttentionLeaf final : public LeafOf<Attention> {
public:
  AttentionLeaf()
      : LeafOf("attention", "each row gathers from the rows of its sequence") {}

private:
  static Words positionWords() {
    static constexpr StringRef words[] = {"none",     "rope",  "alibi",
                                          "relative", "table", "added"};
    return words;
  }

  void fields(Attention &attention, FieldVisitor &visitor) const override {
    headFields(attention, visitor);
    visitor.word({"mask",
                  "`causal`: a row sees no later row; `prefix`: but the "
                  "rows of a sequence's prefix see each other"},
                 attention.mask);
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
    gateField(attention.gate, visitor);
    tapFields(attention.taps, visitor);
    visitor.size({"window", "rows that a row sees, itself included; without a "
                            "mask as many before it as behind it"},
                 attention.window);
    visitor.size({"segment", "rows of a segment: a row sees its own one, and "
                             "`memory` rows before it, without a mask also "
                             "behind it"},
                 attention.segment);
    visitor.size({"memory", "see `segment`; none if nothing is said"},
                 attention.memory);
    visitor.size({"sinks", "first rows of a sequence, which are seen beside "
                           "the window"},
                 attention.sinks);
    visitor.size({"global", "first rows of a sequence, which see all rows and "
                            "are seen by all; beside a window or segments "
                            "without a mask"},
                 attention.global);
    visitor.inner(
        {"random", "segments that are drawn from a seed, for each segment and "
                   "head of keys its own, are seen beside the near ones"},
        [&](FieldVisitor &inner) { randomFields(attention.random, inner); });
    tileFields(attention, visitor);
    visitor.inner(
        {"reduce", "keys and values are made of fewer rows"},
        [&](FieldVisitor &inner) { reduceFields(attention.reduce, inner); });
    position(attention, visitor);
    scoreFields(attention, visitor);
  }

  static void position(Attention &attention, FieldVisitor &visitor) {
    enum { None, Rope, Falling, Relative, Table, Added };
    unsigned kind = attention.rotary     ? Rope
                    : attention.alibi    ? Falling
                    : attention.relative ? Relative
                    : attention.table    ? Table
                    : attention.added    ? Added
                                         : None;
    Rotary rotary = attention.rotary.value_or(Rotary());
    Alibi alibi = attention.alibi.value_or(Alibi());
    RelativeBias relative = attention.relative.value_or(RelativeBias());
    AddedPosition added = attention.added.value_or(AddedPosition());
    visitor.variant({"position", "`rope`: queries and keys are rotated by "
                                 "position; `added`: learned vectors are added "
                                 "to what both are made of, not to values; the "
                                 "others add to the scores: `alibi` what falls "
                                 "with the distance, `relative` what is "
                                 "learned, `table` what is learned for each "
                                 "offset within a tile"},
                    kind, positionWords(),
                    [&](unsigned chosen, FieldVisitor &inner) {
                      if (chosen == Rope)
                        rotaryFields(rotary, inner);
                      if (chosen == Falling)
                        inner.real({"scale", "multiplies what falls with the "
                                             "distance"},
                                   alibi.scale, Reals::Positive, 1.0);
                      if (chosen == Relative)
                        relativeFields(relative, inner);
                      if (chosen == Added)
                        addedFields(added, inner);
                    });
    attention.rotary = kind == Rope ? std::optional(rotary) : std::nullopt;
    attention.alibi = kind == Falling ? std::optional(alibi) : std::nullopt;
    attention.relative =
        kind == Relative ? std::optional(relative) : std::nullopt;
    attention.table = kind == Table;
    attention.added = kind == Added ? std::optional(added) : std::nullopt;
  }

  void check(Attention &attention, LeafCheck &at) const override {
    noteAttention(attention.mask, at);
    checkSeen(attention, at);
    if (attention.scores != Scores::Softmax ||
        attention.sources != Sources::All)
      checkScores(attention, at);
    else if (attention.normalise != Normalise::None)
      at.error("normalise", "softmax weights sum to 1 already");
    checkTaps(attention, at);
    checkRandom(attention, at);
    checkReduce(attention, at);
    if (attention.shift && !attention.tile)
      at.error("shift", "'shift' needs 'tile'");
    if (attention.table && !attention.tile)
      at.error("position", "'position: table' needs 'tile'");
    if (at.need("heads", attention.heads))
      sizes(attention, at);
    if (attention.output == HeadOutput::Sum)
      sumHeads(attention, at);
  }

  /// Windows, segments, and the rows that are seen beside them.
  static void checkSeen(const Attention &attention, LeafCheck &at) {
    if (attention.mask == Mask::Prefix)
      for (auto [field, said] : {std::pair("window", attention.window),
                                 std::pair("segment", attention.segment)})
        if (said)
          at.error(field, "'" + Twine(field) +
                              "' needs 'mask: causal' or 'mask: none'");
    if (attention.window && attention.segment)
      at.error("segment", "rows have a 'window' or a 'segment'");
    if (attention.memory && !attention.segment)
      at.error("memory", "'memory' needs 'segment'");
    bool some = attention.window || attention.segment;
    if (attention.sinks && (!some || attention.mask != Mask::Causal))
      at.error("sinks", "without a window all rows are seen: 'sinks' needs "
                        "'window' or 'segment' and 'mask: causal'");
    if (attention.global && (!some || attention.mask != Mask::None))
      at.error("global", "'global' needs 'window' or 'segment' and "
                         "'mask: none'");
    constexpr int64_t most = 1024; // kernel.attention's too
    for (auto [field, said] : {std::pair("sinks", attention.sinks),
                               std::pair("global", attention.global)})
      if (said && *said > most)
        at.error(field, Twine(*said) + " rows seen by all are more than " +
                            Twine(most));
  }

  static void checkScores(Attention &attention, LeafCheck &at) {
    if (attention.scores == Scores::Softmax)
      at.error("sources", "'sources: but_last' needs other 'scores' than "
                          "softmax");
    if (attention.scores == Scores::Hard &&
        attention.normalise != Normalise::None)
      at.error("normalise", "hard attention is a mean already");
    if (attention.mask == Mask::Prefix)
      at.error("mask", "'mask: prefix' is for softmax scores");
    if (attention.sources == Sources::ButLast && attention.mask != Mask::None)
      at.error("sources", "a row sees no later row already: "
                          "'sources: but_last' needs 'mask: none'");
    for (auto [field, said] :
         {std::pair("window", attention.window.has_value()),
          std::pair("segment", attention.segment.has_value()),
          std::pair("softcap", attention.softcap.has_value())})
      if (said)
        at.error(field, "'" + Twine(field) + "' is for softmax scores");
    if (attention.alibi || attention.relative || attention.table)
      at.error("position", "a bias of the scores is for softmax scores");
  }

  /// The output map is there in the model, as a parameter that adds the heads.
  static void sumHeads(Attention &attention, LeafCheck &at) {
    int64_t width = at.layer.dimIn;
    if (attention.outputBias)
      at.error("bias", "'output: sum' has no output map and no bias of it");
    if (attention.gate != Gate::None)
      at.error("gate", "'output: sum' has no output map to have a gate before");
    if (width && attention.valueDim != width)
      at.error(at.isSaid("value_dim") ? "value_dim" : "output",
               "values of " + Twine(attention.valueDim) +
                   " cannot be added to rows of " + Twine(width));
    auto sum = std::make_shared<WeightValues>();
    sum->period = width;
    sum->diagonal = 1.0;
    sum->derived = true;
    at.layer.values["output.weight"] = sum;
  }

  static void sizes(Attention &attention, LeafCheck &at) {
    if (attention.output == HeadOutput::Sum && !attention.valueDim)
      attention.valueDim = at.layer.dimIn;
    if (!checkHeads(attention, at))
      return;
    if (attention.rotary) {
      checkRotary(*attention.rotary, attention.headDim, at);
      if (attention.rotary->dim % 2 == 0)
        checkEvenHeads(attention.heads, attention.headDim, at);
    }
    if (attention.relative)
      checkRelative(*attention.relative, attention.mask, at);
    if (attention.tile)
      checkTile(attention, at);
  }

  WeightList weights(const Attention &attention, const Layer &layer,
                     const Spec &spec) const override {
    WeightList list = headWeights(attention, layer, layer.dimIn);
    if (attention.gate != Gate::None)
      list.push_back(gateWeight(attention, layer));
    if (attention.added)
      list.push_back(addedWeight(*attention.added, "position",
                                 contextOf(layer, spec), layer.dimIn));
    reduceWeights(attention.reduce, layer, spec, list);
    if (const auto &relative = attention.relative)
      list.push_back({"relative.weight",
                      {relative->buckets, attention.heads},
                      relative->shared});
    if (attention.table && attention.tile) {
      // In one direction; larger tiles are errors.
      int64_t apart = 2 * std::min(*attention.tile, mostTile) - 1;
      list.push_back({"table.weight", {apart * apart, attention.heads}});
    }
    return list;
  }
};

} // namespace

const Leaf &attentionLeaf() {
  static const AttentionLeaf leaf;
  return leaf;
}

} // namespace spec
