// Derives what a spec leaves out and checks that it fits together.
#ifndef COMPILER_SPEC_CHECKER_H
#define COMPILER_SPEC_CHECKER_H

#include "compiler/Spec/Leaf.h"

#include <set>
#include <string>

namespace spec {

/// Layers that have had an error in the file and are not checked further.
using BrokenPlaces = std::set<std::pair<uint32_t, uint32_t>>;

/// Combinators inside each other. The canonical form of the deepest leaf then
/// stays within the depth that the parser takes.
constexpr unsigned mostNesting = 24;
std::string nestedTooDeep();

class Checker {
public:
  Checker(Spec &spec, LeafCheck::ErrorSink sink, const BrokenPlaces &broken)
      : spec(spec), sink(std::move(sink)), broken(broken) {}
  void run();

private:
  void checkModel();
  void checkStack(Layers &layers, llvm::StringRef key);
  void checkSource();
  void checkEncoder();
  void checkDecoder();
  void checkLayers(Layers &layers, bool nested);
  void checkLayer(Layer &layer, bool nested);
  void checkLeaf(const Leaf &leaf, Layer &layer, bool nested);
  void checkValues(const Leaf &leaf, Layer &layer);
  void skipLeaf(Layer &layer);
  void checkInside(Layer &layer, Residual &residual, bool nested);
  void checkInside(Layer &layer, Parallel &parallel, bool nested);
  void checkInside(Layer &layer, Outputs &outputs, bool nested);
  void checkInside(Layer &layer, Exit &exit, bool nested);
  void checkInside(Layer &layer, Sequence &sequence, bool nested);
  void checkInside(Layer &layer, Repeat &repeat, bool nested);
  void keepWidth(const Layer &layer, llvm::StringRef what);
  void refuseEmpty(const Layer &layer, llvm::StringRef what,
                   const Layers &layers);
  void checkWhole();
  void checkExits();
  void checkImageContext(int64_t &context, llvm::StringRef said,
                         llvm::StringRef list);
  bool isBroken(Place place) const;
  Place place(llvm::StringRef field) const;
  void error(const Layer &layer, const llvm::Twine &message);

  Spec &spec;
  LeafCheck::ErrorSink sink;
  const BrokenPlaces &broken;
  Stack stack;
  bool sourceEmbeds = false; ///< the encoder takes tokens
  /// The innermost combinator around that no exit may stand in; "" in none.
  llvm::StringRef inside;
  bool exiting = false; ///< in the layers of an exit
  /// Exits, and how wide their scores are.
  std::vector<std::pair<const Layer *, int64_t>> exits;
  const Layer *tied = nullptr; ///< the first layer that no exit may be beside
};

/// The whole check, of what a reader has left sound.
void checkSpec(Spec &spec, const LeafCheck::ErrorSink &sink,
               const BrokenPlaces &broken);

/// Gives every layer its scope; the names of one scope are unique.
void assignScopes(Spec &spec, const LeafCheck::ErrorSink &sink);

/// Definitions of one name that differ (by the width of their place) get
/// numbers; unnamed sequences dissolve where they are no branches.
void tidySequences(Spec &spec);

/// The names of `weights: names:` against the model's parameters.
void checkWeightNames(const Spec &spec, const LeafCheck::ErrorSink &sink);

} // namespace spec

#endif // COMPILER_SPEC_CHECKER_H
