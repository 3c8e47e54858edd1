// The words of the spec for the enumerations of its tree, in their order.
#ifndef COMPILER_SPEC_WORDS_H
#define COMPILER_SPEC_WORDS_H

#include "compiler/Spec/Spec.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace spec {

using Words = llvm::ArrayRef<llvm::StringRef>;

Words wordsOf(NormKind);
Words wordsOf(Mask);
Words wordsOf(Scores);
Words wordsOf(Normalise);
Words wordsOf(Sources);
Words wordsOf(HeadOutput);
Words wordsOf(Feature);
Words wordsOf(Decay);
Words wordsOf(Update);
Words wordsOf(Gate);
Words wordsOf(QkNormOver);
Words wordsOf(Activation);
Words wordsOf(RotaryLayout);
Words wordsOf(RotaryScalingKind);
Words wordsOf(Router);
Words wordsOf(GroupScore);
Words wordsOf(PoolKind);
Words wordsOf(TypeUse);
Words wordsOf(MergeOrder);
Words wordsOf(Dtype);
Words wordsOf(PositionKind);

template <class E> llvm::StringRef wordFor(E value) {
  return wordsOf(value)[static_cast<unsigned>(value)];
}

/// A part of the language that has its word but no meaning yet. `where` is the
/// leaf or leaf.field, "layer" for leaves and combinators, "model" for the
/// spec's own keys.
bool isPlanned(llvm::StringRef where, llvm::StringRef word);

} // namespace spec

#endif // COMPILER_SPEC_WORDS_H
