// Neighbours on a grid side by side in one row: Swin's merging of patches, the
// unfolding of T2T.
#include "compiler/Spec/Leaves/Leaves.h"

using namespace llvm;

namespace spec {
namespace {

class MergeLeaf final : public LeafOf<Merge> {
public:
  MergeLeaf()
      : LeafOf("merge", "the rows of neighbours on an image's grid are put "
                        "side by side into one") {}

private:
  void fields(Merge &merge, FieldVisitor &visitor) const override {
    windowFields(merge.window, "`size`, which must divide the grid then",
                 visitor);
    visitor.word({"order", "of the neighbours: down each of their `columns`, "
                           "along their `rows`; or of values: by `channels`, "
                           "along rows, as `patch` and `conv` have them"},
                 merge.order);
  }

  void check(Merge &merge, LeafCheck &at) const override {
    const Window &window = merge.window;
    // What follows asks for no more than this leaf does.
    at.layer.dimOut = 0;
    if (at.refusePooled() || at.refuseWithoutGrid())
      return;
    RowGrid grid = at.stack.grid;
    bool cuts = !window.stride && !window.pad;
    if (cuts && (grid.height % window.size || grid.width % window.size))
      return at.error("size", "neighbours of " + Twine(window.size) +
                                  " do not divide the grid of " +
                                  Twine(grid.height) + " x " +
                                  Twine(grid.width));
    double width = double(at.layer.dimIn) * window.size * window.size;
    if (width > mostSize)
      return at.error("size",
                      "a row has more than " + Twine(mostSize) + " values");
    if (at.takeWindows(window))
      at.layer.dimOut = int64_t(width);
  }

  WeightList weights(const Merge &, const Layer &,
                     const Spec &) const override {
    return {};
  }
};

} // namespace

const Leaf &mergeLeaf() {
  static const MergeLeaf leaf;
  return leaf;
}

} // namespace spec
