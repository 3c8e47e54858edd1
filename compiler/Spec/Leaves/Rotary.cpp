// Rotary position embedding (Su et al. 2021) and its frequency scalings.
#include "compiler/Spec/Leaves/Leaves.h"

using namespace llvm;

namespace spec {

static void llama3Fields(RotaryScaling &scaling, FieldVisitor &visitor) {
  visitor.real({"low_freq_factor", "fewer turns over the original context: "
                                   "scaled in full"},
               scaling.lowFreqFactor, Reals::Positive);
  visitor.real({"high_freq_factor", "more turns than this: not scaled"},
               scaling.highFreqFactor, Reals::Positive);
}

static void yarnFields(RotaryScaling &scaling, FieldVisitor &visitor) {
  visitor.real({"beta_fast", "more turns over the original context: not "
                             "scaled"},
               scaling.betaFast, Reals::Positive);
  visitor.real({"beta_slow", "fewer turns: scaled in full"}, scaling.betaSlow,
               Reals::Positive);
  visitor.real({"attention_factor", "multiplies cosines and sines",
                "0.1 ln(factor) + 1"},
               scaling.attentionFactor, Reals::NotNegative, 0.0);
  visitor.flag({"truncate", "between the two, pairs are mixed from a whole "
                            "number on, to a whole number"},
               scaling.truncate, true);
}

static void longRopeFields(RotaryScaling &scaling, FieldVisitor &visitor) {
  visitor.reals({"short", "what each pair's frequency is divided by, in models "
                          "whose context is the original one at most"},
                scaling.shorter);
  visitor.reals({"long", "the same in models of a longer context"},
                scaling.longer);
  visitor.real({"attention_factor", "multiplies cosines and sines",
                "sqrt(1 + ln(factor) / ln(original_context))"},
               scaling.attentionFactor, Reals::NotNegative, 0.0);
}

static void scalingFields(RotaryScaling &scaling, RotaryScalingKind kind,
                          FieldVisitor &visitor) {
  constexpr StringRef divides = "frequencies are divided by this";
  constexpr StringRef widens = "the context is so many times the original one";
  bool byRatio =
      kind == RotaryScalingKind::Ntk || kind == RotaryScalingKind::LongRope;
  if (kind == RotaryScalingKind::None)
    return;
  visitor.real({"factor", byRatio ? widens : divides}, scaling.factor,
               Reals::Positive);
  if (kind == RotaryScalingKind::Linear || kind == RotaryScalingKind::Ntk)
    return;
  if (kind == RotaryScalingKind::Llama3)
    llama3Fields(scaling, visitor);
  else if (kind == RotaryScalingKind::Yarn)
    yarnFields(scaling, visitor);
  else
    longRopeFields(scaling, visitor);
  visitor.size({"original_context", "the context of the training"},
               scaling.originalContext);
}

void rotaryFields(Rotary &rotary, FieldVisitor &visitor) {
  visitor.real({"theta", "base of the frequencies"}, rotary.theta,
               Reals::Positive);
  visitor.size({"dim", "rotated leading part of each head, even", "`head_dim`"},
               rotary.dim);
  visitor.word({"layout", "partners are d and d + dim/2 (`halves`) or 2d and "
                          "2d + 1 (`pairs`)"},
               rotary.layout);
  auto kind = static_cast<unsigned>(rotary.scaling.kind);
  visitor.variant({"scaling", "of the frequencies, for contexts longer than "
                              "the training's"},
                  kind, wordsOf(rotary.scaling.kind),
                  [&](unsigned chosen, FieldVisitor &inner) {
                    scalingFields(rotary.scaling,
                                  static_cast<RotaryScalingKind>(chosen),
                                  inner);
                  });
  rotary.scaling.kind = static_cast<RotaryScalingKind>(kind);
}

void checkEvenHeads(int64_t heads, int64_t headDim, LeafCheck &at) {
  if (heads > 1 && headDim % 2)
    at.error(at.isSaid("head_dim") ? "head_dim" : "position",
             "'rope' in heads of an odd number of columns, " + Twine(headDim) +
                 ", is not supported yet");
}

void checkRotary(Rotary &rotary, int64_t headDim, LeafCheck &at) {
  if (!rotary.dim)
    rotary.dim = headDim;
  StringRef dimField = "position.rope.dim";
  if (!at.isSaid(dimField))
    dimField = at.isSaid("head_dim") ? "head_dim" : "position";
  if (rotary.dim > headDim)
    at.error(dimField, "a rotated part of " + Twine(rotary.dim) +
                           " is wider than the head of " + Twine(headDim) +
                           (at.isSaid("head_dim") ? said(at.place("head_dim"))
                                                  : std::string()));
  else if (rotary.dim % 2)
    at.error(dimField, "the rotated part of a head must be even, not " +
                           Twine(rotary.dim));

  const RotaryScaling &scaling = rotary.scaling;
  bool ofContext = scaling.kind == RotaryScalingKind::Llama3 ||
                   scaling.kind == RotaryScalingKind::Yarn ||
                   scaling.kind == RotaryScalingKind::LongRope;
  if (ofContext && !scaling.originalContext)
    at.error("position.rope.scaling", "'" + wordFor(scaling.kind) +
                                          "' scaling needs "
                                          "'original_context'");
  if (scaling.kind == RotaryScalingKind::Llama3 &&
      scaling.lowFreqFactor >= scaling.highFreqFactor)
    at.error("position.rope.scaling",
             "low_freq_factor must be below high_freq_factor");
  if (scaling.kind == RotaryScalingKind::Yarn &&
      scaling.betaSlow >= scaling.betaFast)
    at.error("position.rope.scaling", "beta_slow must be below beta_fast");
  if (scaling.kind == RotaryScalingKind::Ntk && rotary.dim <= 2)
    at.error("position.rope.scaling", "'ntk' scaling needs more than one pair");
  if (scaling.kind == RotaryScalingKind::LongRope) {
    if (scaling.originalContext == 1)
      at.error("position.rope.scaling",
               "'longrope' scaling needs an original_context above 1");
    for (size_t count : {scaling.shorter.size(), scaling.longer.size()})
      if (int64_t(count) != rotary.dim / 2)
        return at.error("position.rope.scaling",
                        Twine(count) + " factors for " + Twine(rotary.dim / 2) +
                            " pairs: 'longrope' scaling needs 'short' and "
                            "'long', a number for each pair");
  }
}

} // namespace spec
