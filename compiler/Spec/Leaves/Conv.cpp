// A convolution over neighbouring rows.
#include "compiler/Spec/Leaves/Leaves.h"

using namespace llvm;

namespace spec {
namespace {

/// Places that a window sees: a side's, or a side's square on a grid.
int64_t placesOf(const Window &window, const Layer &layer) {
  return layer.grid ? window.size * window.size : window.size;
}

class ConvLeaf final : public LeafOf<Conv> {
public:
  ConvLeaf()
      : LeafOf("conv", "act of a convolution over the grid that an image's "
                       "rows lie on, or over the sequence of other rows") {}

private:
  void fields(Conv &conv, FieldVisitor &visitor) const override {
    visitor.size({"to", "width of the result"}, conv.to);
    windowFields(conv.window, "", visitor);
    visitor.word({"act", "activation"}, conv.act);
    visitor.flag({"bias", "adds a learned vector"}, conv.bias);
    visitor.word(dtypeField, conv.dtype);
  }

  void check(Conv &conv, LeafCheck &at) const override {
    at.layer.dimOut = conv.to;
    bool sized = at.need("to", conv.to);
    if (!at.need("size", conv.window.size) || !sized)
      return;
    if (double(at.layer.dimIn) * placesOf(conv.window, at.layer) > mostSize)
      return at.error("size",
                      "a window has more than " + Twine(mostSize) + " values");
    at.takeWindows(conv.window);
  }

  WeightList weights(const Conv &conv, const Layer &layer,
                     const Spec &) const override {
    WeightList list = {
        {"weight", {conv.to, layer.dimIn * placesOf(conv.window, layer)}}};
    if (conv.bias)
      list.push_back({"bias", {conv.to}});
    return list;
  }
};

} // namespace

const Leaf &convLeaf() {
  static const ConvLeaf leaf;
  return leaf;
}

} // namespace spec
