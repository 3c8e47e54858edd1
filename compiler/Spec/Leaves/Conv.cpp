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
    visitor.flag({"causal", "windows end with their row, along a sequence that "
                            "may be continued: of depthwise convolutions"},
                 conv.causal);
    visitor.size({"groups", "of columns that do not see each other; as many as "
                            "columns come in and out: a depthwise convolution"},
                 conv.groups);
    visitor.word({"act", "activation"}, conv.act);
    visitor.flag({"bias", "adds a learned vector"}, conv.bias);
    visitor.word(dtypeField, conv.dtype);
  }

  void check(Conv &conv, LeafCheck &at) const override {
    at.layer.dimOut = conv.to;
    bool sized = at.need("to", conv.to);
    if (!at.need("size", conv.window.size) || !sized)
      return;
    int64_t places = placesOf(conv.window, at.layer);
    if (double(at.layer.dimIn) * places > mostSize)
      return at.error("size",
                      "a window has more than " + Twine(mostSize) + " values");
    checkGroups(conv, places, at);
    if (conv.causal)
      checkCausal(conv, at);
    else
      at.takeWindows(conv.window);
  }

  WeightList weights(const Conv &conv, const Layer &layer,
                     const Spec &) const override {
    int64_t seen = layer.dimIn / conv.groups * placesOf(conv.window, layer);
    WeightList list = {{"weight", {conv.to, seen}}};
    if (conv.bias)
      list.push_back({"bias", {conv.to}});
    return list;
  }

  static void checkCausal(const Conv &conv, LeafCheck &at) {
    int64_t width = at.layer.dimIn;
    at.refusePooled();
    if (at.spec.input == InputKind::Image)
      at.error("causal",
               "the rows of an image do not come one after the other");
    if (conv.window.step() != 1)
      at.error("stride", "a causal convolution leaves as many rows as there "
                         "are: it needs 'stride: 1'");
    if (conv.window.pad)
      at.error("pad", "a causal convolution has zeros before the first row, as "
                      "many as it sees: it takes no 'pad'");
    if (conv.window.size < 2)
      at.error("size", "a causal window of 1 row sees no other");
    if (conv.to != width || conv.groups != width)
      at.error("causal", "a causal convolution is depthwise: it needs 'to' and "
                         "'groups' of " +
                             Twine(width) + ", the width of its rows");
    at.stack.attends = true;
  }

  static void checkGroups(const Conv &conv, int64_t places, LeafCheck &at) {
    int64_t groups = conv.groups, width = at.layer.dimIn;
    if (width % groups != 0)
      return at.error("groups", Twine(groups) + " groups cannot share the " +
                                    Twine(width) + " columns of a row evenly");
    if (conv.to % groups != 0)
      return at.error("groups", Twine(groups) + " groups cannot share " +
                                    Twine(conv.to) + " columns of 'to' evenly");
    if (!conv.dtype || *conv.dtype == Dtype::F32 || groups == 1)
      return;
    StringRef dtype = wordsOf(*conv.dtype)[unsigned(*conv.dtype)];
    if (conv.isDepthwise(width))
      return at.error("dtype", "'" + dtype +
                                   "' is of matrices: a depthwise convolution "
                                   "has none");
    int64_t seen = width / groups * places;
    if (*conv.dtype != conv.storedAs(*conv.dtype, seen))
      at.error("dtype", "'" + dtype +
                            "' is for groups that see a multiple of 32 "
                            "values, these see " +
                            Twine(seen));
  }
};

} // namespace

const Leaf &convLeaf() {
  static const ConvLeaf leaf;
  return leaf;
}

} // namespace spec
