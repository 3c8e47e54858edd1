// What the language knows about a leaf. Each lives in its own file of Leaves/,
// and the rest of this folder works on the table of them.
#ifndef COMPILER_SPEC_LEAF_H
#define COMPILER_SPEC_LEAF_H

#include "compiler/Spec/Diagnostics.h"
#include "compiler/Spec/Fields.h"
#include "compiler/Spec/Spec.h"

#include "llvm/ADT/Twine.h"

#include <functional>
#include <utility>
#include <vector>

namespace spec {

/// What the layers so far have made of the input.
struct Stack {
  int64_t width = 0; ///< of a row; 0: unknown after an error
  int64_t rows = 0;  ///< of an image: patches and prepended rows
  /// The grid that the rows of an image lie on, line by line. `patch` sets it;
  /// a leaf that makes other rows sets the new one (changeRows) or says why
  /// there is none any more (leaveGrid). All others leave it alone and read
  /// Layer::grid.
  RowGrid grid;
  std::string noGrid;  ///< why there is none; empty: no leaf has made one
  int64_t context = 0; ///< most rows of a sequence, but of images
  /// Of the stages of Spec::stages that are over.
  std::vector<int64_t> stages;
  bool started = false; ///< a leaf has turned the input into rows
  /// Layers are missing after an error: what is not there may have been said.
  bool incomplete = false;
  bool pooled = false, scored = false;
  bool parted = false; ///< `outputs`
  Layer *embed = nullptr;
  const Layer *prepend = nullptr;
  bool attends = false, seesLater = false; ///< attention, some of it not causal
  bool decodes = false;        ///< the layers of an encoder-decoder's decoder
  bool crosses = false;        ///< cross-attention
  bool prefix = false;         ///< some with a prefix
  const Layer *exit = nullptr; ///< the first: some sequences may have left
};

/// One leaf in its place, while it is checked.
class LeafCheck {
public:
  using ErrorSink = std::function<void(Place, const llvm::Twine &)>;
  LeafCheck(Spec &spec, Layer &layer, Stack &stack, bool nested,
            const ErrorSink &sink)
      : spec(spec), layer(layer), stack(stack), nested(nested), sink(sink) {}

  Spec &spec;
  Layer &layer;
  Stack &stack;
  /// Inside a residual, parallel or repeat.
  bool nested;

  void error(const llvm::Twine &message) { sink(layer.place, message); }
  /// At the field, when it was said.
  void error(llvm::StringRef field, const llvm::Twine &message) {
    sink(place(field), message);
  }
  Place place(llvm::StringRef field) const;
  Place modelPlace(llvm::StringRef field) const;
  bool isSaid(llvm::StringRef field) const;
  /// Reports a size that is missing; false then.
  bool need(llvm::StringRef field, int64_t value);
  /// Reports a leaf that needs all rows of a sequence behind a pool; true then.
  bool refusePooled();
  /// Reports a leaf whose rows lie on no grid, and why; true then.
  bool refuseWithoutGrid();
  /// The windows of a leaf over the grid, or over the sequence of rows that lie
  /// on none: reports those that do not fit, or change the number of rows where
  /// that must stay; false then.
  bool takeWindows(const Window &window);
  /// The rows that follow lie on no grid: `why` ends a sentence on the leaf.
  void leaveGrid(const llvm::Twine &why);

private:
  void changeRows(const Window &window);

  const ErrorSink &sink;
};

/// A weight of a leaf: its name below the leaf's scope, and its shape. Of
/// several copies inside the leaf {} stands for the number.
struct LeafWeight {
  std::string name;
  std::vector<int64_t> shape;
  bool shared = false; ///< one for all repetitions: see sharedScope
  int64_t copies = 0;  ///< 0: one without a number
};
using WeightList = std::vector<LeafWeight>;

class Leaf {
public:
  constexpr Leaf(llvm::StringRef name, llvm::StringRef meaning,
                 llvm::StringRef word = {})
      : name(name), meaning(meaning), word(word) {}
  virtual ~Leaf() = default;

  llvm::StringRef name;
  llvm::StringRef meaning; ///< for the documentation
  llvm::StringRef word;    ///< the field that `name: WORD` says; "" if none

  virtual LayerBody make() const = 0;
  virtual void visit(LayerBody &, FieldVisitor &) const = 0;
  /// Derives what was not said, checks, and sets layer.dimOut, which the caller
  /// has set to dimIn.
  virtual void check(LeafCheck &) const = 0;
  virtual WeightList weights(const Layer &, const Spec &) const = 0;
};

/// The same with the leaf's own type.
template <class T> class LeafOf : public Leaf {
public:
  using Leaf::Leaf;
  LayerBody make() const final { return T(); }
  void visit(LayerBody &body, FieldVisitor &visitor) const final {
    fields(std::get<T>(body), visitor);
  }
  void check(LeafCheck &at) const final {
    check(std::get<T>(at.layer.body), at);
  }
  WeightList weights(const Layer &layer, const Spec &spec) const final {
    return weights(std::get<T>(layer.body), layer, spec);
  }

private:
  virtual void fields(T &, FieldVisitor &) const = 0;
  virtual void check(T &, LeafCheck &) const = 0;
  virtual WeightList weights(const T &, const Layer &, const Spec &) const = 0;
};

/// In the order of LayerBody's alternatives.
llvm::ArrayRef<const Leaf *> leaves();
const Leaf *findLeaf(llvm::StringRef name);
/// Null for combinators.
const Leaf *leafOf(const LayerBody &body);

} // namespace spec

#endif // COMPILER_SPEC_LEAF_H
