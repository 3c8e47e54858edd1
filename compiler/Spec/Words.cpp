// One table a word list; and the words that are planned, so that using one
// says so instead of calling it unknown.
#include "compiler/Spec/Words.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace spec {

Words wordsOf(NormKind) {
  static constexpr StringRef words[] = {"layer", "rms"};
  return words;
}
Words wordsOf(Mask) {
  static constexpr StringRef words[] = {"none", "causal", "prefix"};
  return words;
}
Words wordsOf(Scores) {
  static constexpr StringRef words[] = {"softmax", "linear", "relu", "hard"};
  return words;
}
Words wordsOf(Normalise) {
  static constexpr StringRef words[] = {"none", "rows", "1/n"};
  return words;
}
Words wordsOf(Sources) {
  static constexpr StringRef words[] = {"all", "but_last"};
  return words;
}
Words wordsOf(HeadOutput) {
  static constexpr StringRef words[] = {"map", "sum"};
  return words;
}
Words wordsOf(Feature) {
  static constexpr StringRef words[] = {"elu", "none", "relu",
                                        "exp", "silu", "random"};
  return words;
}
Words wordsOf(Decay) {
  static constexpr StringRef words[] = {"none", "fixed", "input"};
  return words;
}
Words wordsOf(Update) {
  static constexpr StringRef words[] = {"add", "delta"};
  return words;
}
Words wordsOf(Gate) {
  static constexpr StringRef words[] = {"none", "silu", "sigmoid"};
  return words;
}
Words wordsOf(QkNormOver) {
  static constexpr StringRef words[] = {"head", "row"};
  return words;
}
Words wordsOf(Activation) {
  static constexpr StringRef words[] = {"relu",       "gelu",    "gelu_tanh",
                                        "silu",       "relu2",   "tanh",
                                        "quick_gelu", "sigmoid", "none"};
  return words;
}
Words wordsOf(RotaryLayout) {
  static constexpr StringRef words[] = {"halves", "pairs"};
  return words;
}
Words wordsOf(RotaryScalingKind) {
  static constexpr StringRef words[] = {"none", "linear", "llama3",
                                        "yarn", "ntk",    "longrope"};
  return words;
}
Words wordsOf(Router) {
  static constexpr StringRef words[] = {"softmax", "sigmoid"};
  return words;
}
Words wordsOf(GroupScore) {
  static constexpr StringRef words[] = {"none", "best", "two_best"};
  return words;
}
Words wordsOf(PoolKind) {
  static constexpr StringRef words[] = {"first", "mean", "last"};
  return words;
}
Words wordsOf(TypeUse) {
  static constexpr StringRef words[] = {"add", "replace"};
  return words;
}
Words wordsOf(MergeOrder) {
  static constexpr StringRef words[] = {"columns", "rows", "channels"};
  return words;
}
Words wordsOf(Dtype) {
  static constexpr StringRef words[] = {"f32", "bf16", "int8", "int4"};
  return words;
}
Words wordsOf(PositionKind) {
  static constexpr StringRef words[] = {"learned", "sinusoidal", "none"};
  return words;
}

bool isPlanned(StringRef where, StringRef word) {
  struct Planned {
    StringRef where;
    std::initializer_list<StringRef> words;
  };
  static const Planned table[] = {
      {"embed", {"tied", "project"}},
  };
  for (const Planned &entry : table)
    if (entry.where == where && is_contained(entry.words, word))
      return true;
  return false;
}

} // namespace spec
