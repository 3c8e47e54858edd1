// transformer.grid_attention -> kernel.grid_attention; its table becomes the
// biases of every pair of rows in a tile.
#include "compiler/Lowering/Lowering.h"

using namespace mlir;
using namespace lowering;
using kernel::GridAttentionOp;

static Value biases(Lowering &l, transformer::GridAttentionOp op) {
  if (!op.getTable())
    return {};
  auto weight = op.getTable().getDefiningOp<transformer::WeightOp>();
  int64_t tile = op.getTile(), rows = op.getHeads() * tile * tile;
  int64_t columns = GridAttentionOp::biasColumns(tile);
  auto distances = kernel::DistancesAttr::get(
      op.getContext(), /*zero=*/0, DenseF64ArrayAttr(),
      op.getTable().getType().getDimSize(0), /*reach=*/tile, false);
  auto part = kernel::PartAttr::get(op.getContext(), kernel::Origin::Offsets,
                                    Lowering::nameOf(weight), rows, columns, 0,
                                    0, FloatAttr(), FloatAttr(),
                                    DenseF64ArrayAttr(), distances, 0);
  return l.packed(weight, part,
                  MemRefType::get({rows, columns}, l.b.getF32Type()), 0);
}

LogicalResult lowering::lowerGridAttention(Lowering &l,
                                           transformer::GridAttentionOp op) {
  Location loc = op.getLoc();
  int64_t rows = op.getGrid()[0] * op.getGrid()[1];
  if (l.context % rows != 0)
    return op.emitError("has a grid of ")
           << rows << " rows in sequences of " << l.context;
  Value to = l.destination(loc, width(op.getResult()));
  ArrayRef<int64_t> tile = l.machine.getAttention();
  auto attention = GridAttentionOp::create(
      l.b, loc, TypeRange{to.getType()}, l.step, l.rows(op.getQ()),
      l.rows(op.getK()), l.rows(op.getV()), biases(l, op), to,
      op.getHeadsAttr(), op.getKvHeadsAttr(), op.getGridAttr(),
      op.getTileAttr(), op.getShiftAttr(), op.getScaleAttr(),
      kernel::ScheduleAttr::get(l.b.getContext(), tile[0], tile[1],
                                l.machine.getLanes()));
  l.replace(op, attention.getResult(0), l.countOf(op.getQ()));
  return success();
}
