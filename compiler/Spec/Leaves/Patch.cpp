// An image becomes rows, one a patch.
#include "compiler/Spec/Leaves/Leaves.h"

using namespace llvm;

namespace spec {
namespace {

class PatchLeaf final : public LeafOf<Patch> {
public:
  PatchLeaf()
      : LeafOf("patch", "an image becomes rows, one for each square patch") {}

private:
  void fields(Patch &patch, FieldVisitor &visitor) const override {
    visitor.sizes({"image", "[channels, height, width]"},
                  {&patch.channels, &patch.height, &patch.width});
    visitor.size({"size", "side of a patch; divides height and width"},
                 patch.size);
    visitor.flag({"bias", "adds a learned vector to each row"}, patch.bias);
    visitor.word(dtypeField, patch.dtype);
  }

  void check(Patch &patch, LeafCheck &at) const override {
    if ((at.stack.started && !at.stack.incomplete) || at.nested)
      return at.error("'patch' turns an image into rows: it must be the first "
                      "layer");
    at.spec.input = InputKind::Image;
    at.layer.dimOut = at.spec.dim;
    bool sized =
        at.need("image", patch.channels && patch.height && patch.width);
    if (!at.need("size", patch.size) || !sized)
      return;
    if (patch.height % patch.size || patch.width % patch.size)
      return at.error("size", "patches of " + Twine(patch.size) +
                                  " do not divide the image of " +
                                  Twine(patch.height) + " x " +
                                  Twine(patch.width) + said(at.place("image")));
    if (double(patch.channels) * patch.size * patch.size > mostSize)
      return at.error("size",
                      "a patch has more than " + Twine(mostSize) + " values");
    at.stack.gridHeight = patch.height / patch.size;
    at.stack.gridWidth = patch.width / patch.size;
    at.stack.rows = at.stack.gridHeight * at.stack.gridWidth;
  }

  WeightList weights(const Patch &patch, const Layer &layer,
                     const Spec &) const override {
    WeightList list = {
        {"weight", {layer.dimOut, patch.channels * patch.size * patch.size}}};
    if (patch.bias)
      list.push_back({"bias", {layer.dimOut}});
    return list;
  }
};

} // namespace

const Leaf &patchLeaf() {
  static const PatchLeaf leaf;
  return leaf;
}

} // namespace spec
