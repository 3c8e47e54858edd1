// Columns that heads share, or have elsewhere, are written behind each head's
// own.
#include "compiler/Lowering/Lowering.h"

using namespace mlir;
using namespace lowering;

LogicalResult lowering::lowerJoinHeads(Lowering &l,
                                       transformer::JoinHeadsOp op) {
  Location loc = op.getLoc();
  Value to = l.destination(loc, width(op.getResult()));
  auto join = kernel::JoinHeadsOp::create(
      l.b, loc, to.getType(), l.step, l.rows(op.getOwn()), l.rows(op.getRest()),
      to, op.getHeads(), op.getFrom(), l.countOf(op.getOwn()));
  l.replace(op, join.getResult(0), l.countOf(op.getOwn()));
  return success();
}
