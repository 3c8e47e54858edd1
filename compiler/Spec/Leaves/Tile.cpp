// Attention within the tiles of a grid: the windows of Liu et al. 2021.
#include "compiler/Spec/Leaves/Leaves.h"

using namespace llvm;

namespace spec {

void tileFields(Attention &attention, FieldVisitor &visitor) {
  visitor.size({"tile", "the rows are a grid, as `patch` makes them, and a row "
                        "sees those of its own square tile of so many lines "
                        "and columns alone"},
               attention.tile);
  visitor.size({"shift", "lines and columns of the grid before the first whole "
                         "tile; those cut by its edges are smaller. None where "
                         "a tile is as high or wide as the grid"},
               attention.shift);
}

/// What a tile does not go with.
static void refuseOthers(const Attention &attention, LeafCheck &at) {
  if (attention.mask != Mask::None)
    at.error("mask", "the rows of a tile see each other: 'tile' needs "
                     "'mask: none'");
  if (attention.scores != Scores::Softmax)
    at.error("scores", "'tile' is for softmax scores");
  if (attention.rotary || attention.alibi || attention.relative)
    at.error("position", "positions in a tile are 'table' or 'none'");
  if (attention.softcap)
    at.error("softcap", "'softcap' beside 'tile' is not supported yet");
  for (auto [field, said] : {std::pair("window", attention.window),
                             std::pair("segment", attention.segment)})
    if (said)
      at.error(field, "rows have a 'tile' or a '" + Twine(field) + "'");
}

/// As Swin has it: a tile is no larger than the grid, and nothing shifts where
/// one fills it in a direction.
static void fit(Attention &attention, int64_t height, int64_t width) {
  int64_t most = std::min(height, width);
  attention.gridHeight = height;
  attention.gridWidth = width;
  if (*attention.tile < most)
    return;
  attention.tile = most;
  attention.shift = std::nullopt;
}

void checkTile(Attention &attention, LeafCheck &at) {
  refuseOthers(attention, at);
  auto [height, width] = at.stack.grid;
  if (attention.shift && *attention.shift >= *attention.tile)
    at.error("shift", "tiles of " + Twine(*attention.tile) +
                          said(at.place("tile")) + " cannot begin " +
                          Twine(*attention.shift) + " lines into the grid");
  if (at.stack.incomplete || at.stack.pooled)
    return;
  if (!height)
    return at.error(
        "tile", "'tile' is for rows that are a grid, as 'patch' "
                "makes them" +
                    Twine(at.stack.prepend ? ", without prepended ones" : ""));
  fit(attention, height, width);
  int64_t tile = *attention.tile;
  if (height % tile || width % tile)
    return at.error("tile", "tiles of " + Twine(tile) +
                                " do not divide the grid of " + Twine(height) +
                                " x " + Twine(width) + " rows");
  constexpr int64_t mostValues = 65536; // kernel.grid_attention's too
  if (tile > mostTile ||
      double(tile * tile) * double(attention.headDim + attention.valueDim) >
          double(mostValues))
    at.error("tile", "a tile of " + Twine(tile) + " x " + Twine(tile) +
                         " rows has more than " + Twine(mostValues) +
                         " keys and values of a head");
}

} // namespace spec
