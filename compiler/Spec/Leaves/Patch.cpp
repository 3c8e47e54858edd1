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
    visitor.size({"size", "side of a patch; divides height and width where "
                          "neither `stride` nor `pad` is said"},
                 patch.window.size);
    visitor.size({"stride", "pixels from one patch to the next", "`size`"},
                 patch.window.stride);
    visitor.count({"pad", "pixels of zeros on each side of the image; less "
                          "than `size`"},
                  patch.window.pad);
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
    const Window &window = patch.window;
    if (!at.need("size", window.size) || !sized)
      return;
    RowGrid image{patch.height, patch.width};
    bool cuts = !window.stride && !window.pad;
    if (cuts && (image.height % window.size || image.width % window.size))
      return at.error("size", "patches of " + Twine(window.size) +
                                  " do not divide the image of " +
                                  Twine(patch.height) + " x " +
                                  Twine(patch.width) + said(at.place("image")));
    if (std::string fault = windowFault(window, image); !cuts && !fault.empty())
      return at.error("size", "patches of " + Twine(window.size) + fault);
    if (double(patch.channels) * window.size * window.size > mostSize)
      return at.error("size",
                      "a patch has more than " + Twine(mostSize) + " values");
    at.stack.grid = {window.made(image.height), window.made(image.width)};
    at.stack.rows = at.stack.grid.places();
  }

  WeightList weights(const Patch &patch, const Layer &layer,
                     const Spec &) const override {
    WeightList list = {{"weight",
                        {layer.dimOut, patch.channels * patch.window.size *
                                           patch.window.size}}};
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
