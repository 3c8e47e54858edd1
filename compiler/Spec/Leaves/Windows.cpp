// Leaves over neighbouring rows: how their windows lie, and what they make of
// the number of rows and the grid.
#include "compiler/Spec/Leaves/Leaves.h"

using namespace llvm;

namespace spec {

void windowFields(Window &window, StringRef strideOtherwise,
                  FieldVisitor &visitor) {
  visitor.size({"size", "neighbours in a row, on a grid in both directions"},
               window.size);
  visitor.size(
      {"stride", "places from one window to the next", strideOtherwise},
      window.stride);
  visitor.count({"pad", "places of zeros on each side; less than `size`"},
                window.pad);
}

std::string windowFault(const Window &window, RowGrid grid) {
  if (window.pad >= window.size)
    return (" with a pad of " + Twine(window.pad) +
            " would see nothing but zeros: the pad must be smaller")
        .str();
  int64_t across = window.made(grid.width);
  int64_t down = grid.height ? window.made(grid.height) : 1;
  if (double(down) * double(across) > mostSize)
    return " make more than " + std::to_string(mostSize) + " rows";
  if (down > 0 && across > 0)
    return "";
  std::string where =
      grid.height ? (Twine(grid.height) + " x " + Twine(grid.width)).str()
                  : Twine(grid.width).str() + " rows";
  return " with a pad of " + std::to_string(window.pad) + " do not fit " +
         where;
}

void LeafCheck::leaveGrid(const Twine &why) {
  if (!stack.grid)
    return;
  stack.grid = {};
  stack.noGrid =
      ("'" + leafOf(layer.body)->name + "'" + said(layer.place) + " " + why)
          .str();
}

bool LeafCheck::refuseWithoutGrid() {
  if (stack.grid || stack.incomplete)
    return !stack.grid;
  std::string why = stack.noGrid.empty()
                        ? "the rows of this model are no patches of an image"
                        : stack.noGrid;
  error("'" + leafOf(layer.body)->name +
        "' needs rows that lie on the grid of an image: " + why);
  return true;
}

void LeafCheck::changeRows(const Window &window) {
  bool grid(stack.grid);
  stack.attends = false;
  stack.stages.push_back(grid ? stack.rows : stack.context);
  if (grid) {
    stack.grid = {window.made(stack.grid.height),
                  window.made(stack.grid.width)};
    stack.rows = stack.grid.places();
  } else {
    stack.context = window.made(stack.context);
  }
}

bool LeafCheck::takeWindows(const Window &window) {
  StringRef name = leafOf(layer.body)->name;
  if (refusePooled() || stack.incomplete)
    return false;
  if (stack.decodes) {
    error("'" + name + "' in a decoder, whose rows come one after the other");
    return false;
  }
  // Those of images are there as a whole, others wait for the caller.
  bool image = spec.input == InputKind::Image;
  if (image && refuseWithoutGrid())
    return false;
  if (!image && !stack.context)
    return false;
  RowGrid places = image ? stack.grid : RowGrid{0, stack.context};
  if (std::string fault = windowFault(window, places); !fault.empty()) {
    error("size", "windows of " + Twine(window.size) + fault);
    return false;
  }
  bool keeps = window.keeps();
  if (!keeps && nested) {
    error("'" + name +
          "' changes the number of rows: it must stand in the model's own list "
          "of layers, or have stride 1 and a pad of half its size");
    return false;
  }
  if (!image && window.size > 1)
    stack.seesLater = true;
  if (!keeps)
    changeRows(window);
  return true;
}

} // namespace spec
