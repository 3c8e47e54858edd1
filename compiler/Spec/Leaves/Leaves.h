// The leaves of the language; their table is in Leaves.cpp.
#ifndef COMPILER_SPEC_LEAVES_LEAVES_H
#define COMPILER_SPEC_LEAVES_LEAVES_H

#include "compiler/Spec/Leaf.h"

namespace spec {

const Leaf &embedLeaf();
const Leaf &positionLeaf();
const Leaf &patchLeaf();
const Leaf &rowsLeaf();
const Leaf &queriesLeaf();
const Leaf &typesLeaf();
const Leaf &prependLeaf();
const Leaf &normLeaf();
const Leaf &attentionLeaf();
const Leaf &crossAttentionLeaf();
const Leaf &linearAttentionLeaf();
const Leaf &latentAttentionLeaf();
const Leaf &mlpLeaf();
const Leaf &moeLeaf();
const Leaf &linearLeaf();
const Leaf &convLeaf();
const Leaf &mergeLeaf();
const Leaf &scaleLeaf();
const Leaf &softcapLeaf();
const Leaf &poolLeaf();
const Leaf &tapLeaf();
const Leaf &logitsLeaf();

/// Of leaves that have matrices.
constexpr Field dtypeField = {"dtype", "how the file of weights stores its "
                                       "matrices"};

/// What all kinds of attention over a sequence's own rows mean for the stack.
void noteAttention(Mask mask, LeafCheck &at);

/// A norm, whose fields are `eps` and `more`, or none.
void normField(const Field &field, std::optional<NormKind> &norm, double &eps,
               FieldVisitor &visitor, FieldVisitor::Fields more = nullptr);

/// Of the kinds of attention: the fields before and behind their own, and the
/// last of these; sizes that follow, false if one is unknown or wrong; and
/// weights, keys and values of rows of width `sourceDim`.
void headFields(HeadMaps &heads, FieldVisitor &visitor);
void scoreFields(HeadMaps &heads, FieldVisitor &visitor);
void mapFields(HeadMaps &heads, FieldVisitor &visitor);
void gateField(Gate &gate, FieldVisitor &visitor);
LeafWeight gateWeight(const HeadMaps &heads, const Layer &layer);
bool checkHeads(HeadMaps &heads, LeafCheck &at);
WeightList headWeights(const HeadMaps &heads, const Layer &layer,
                       int64_t sourceDim);

/// The `tap` of attention, and of the kind that has no scores.
void tapFields(AttentionTaps &taps, FieldVisitor &visitor);
void featureTapFields(AttentionTaps &taps, FieldVisitor &visitor);
void checkTaps(const Attention &attention, LeafCheck &at);
/// Reports those of these words that are said, and why they cannot be.
void refuseTaps(LeafCheck &at,
                llvm::ArrayRef<std::pair<llvm::StringRef, bool>> words,
                const llvm::Twine &why);

/// Of leaves over neighbouring rows, or pixels: how their windows lie.
void windowFields(Window &window, llvm::StringRef strideOtherwise,
                  FieldVisitor &visitor);

/// Why the windows cannot lie on a grid (or a line, of height 0), behind the
/// words for them; empty if they can.
std::string windowFault(const Window &window, RowGrid grid);

/// What an expert shares with an mlp: all fields but dtype, and the weights
/// below `prefix`, "" or ended by a dot.
void mlpFields(Mlp &mlp, FieldVisitor &visitor);
void mlpWeights(const Mlp &mlp, llvm::StringRef prefix, const Layer &layer,
                int64_t copies, WeightList &to);

/// The `rope` of attention: its fields, and its check for heads of `headDim`;
/// and whether heads side by side have their pairs at even columns.
void rotaryFields(Rotary &rotary, FieldVisitor &visitor);
void checkRotary(Rotary &rotary, int64_t headDim, LeafCheck &at);
void checkEvenHeads(int64_t heads, int64_t headDim, LeafCheck &at);

/// The `added` positions of attention; a table's shape and name.
void addedFields(AddedPosition &added, FieldVisitor &visitor);
LeafWeight addedWeight(const AddedPosition &added, llvm::StringRef name,
                       int64_t rows, int64_t width);

/// The `reduce` of attention.
void reduceFields(Reduce &reduce, FieldVisitor &visitor);
void checkReduce(const Attention &attention, LeafCheck &at);
void reduceWeights(const Reduce &reduce, const Layer &layer, const Spec &spec,
                   WeightList &to);

/// The `random` segments of attention.
void randomFields(RandomSegments &random, FieldVisitor &visitor);
void checkRandom(const Attention &attention, LeafCheck &at);

/// The `relative` bias of attention.
void relativeFields(RelativeBias &relative, FieldVisitor &visitor);
void checkRelative(const RelativeBias &relative, Mask mask, LeafCheck &at);

/// The `tile` of attention: its fields; and its check, also of what does not go
/// with it, once heads are known.
constexpr int64_t mostTile = 256; // the op's too
void tileFields(Attention &attention, FieldVisitor &visitor);
void checkTile(Attention &attention, LeafCheck &at);

} // namespace spec

#endif // COMPILER_SPEC_LEAVES_LEAVES_H
