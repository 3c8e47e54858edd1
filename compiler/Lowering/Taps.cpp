// transformer.tap -> kernel.tap; where the rows of taps lie that are not those
// of the caller's step.
#include "compiler/Lowering/Lowering.h"

using namespace mlir;
using namespace lowering;

kernel::TapAttr Lowering::addTap(StringRef name, int64_t heads, int64_t columns,
                                 const TapRows &rows) {
  int64_t rounds = 1;
  for (int64_t trips : tripCounts)
    rounds *= trips;
  auto tap = kernel::TapAttr::get(b.getContext(), taps.size(), name, rounds,
                                  heads, columns, rows.made);
  taps.push_back(tap);
  return tap;
}

Value Lowering::round(Location loc) {
  Value round = arith::ConstantIndexOp::create(b, loc, 0);
  for (auto [trips, index] : llvm::zip(tripCounts, inductions)) {
    Value count = arith::ConstantIndexOp::create(b, loc, trips);
    round = arith::AddIOp::create(
        b, loc, arith::MulIOp::create(b, loc, round, count), index);
  }
  return round;
}

// An input of reals makes the same number of rows each time, which the caller
// is told; behind windows over other sequences it depends on theirs.
FailureOr<Lowering::TapRows> Lowering::tapRows(Operation *op, Value x) {
  TapRows found;
  Value rows = transformer::rowsOf(x);
  // Of a decoder's source: those that the encoder returns.
  if (rows.getParentRegion() != &model.getBody() && isa<BlockArgument>(rows))
    rows = transformer::rowsOf(
        model.getBody().front().getTerminator()->getOperand(0));
  for (unsigned at = stage; stages[at].firsts; at = stages[at].from)
    found.firsts.push_back(stages[at].firsts);
  if (!found.firsts.empty())
    found.capacity = b.getI64IntegerAttr(stages.front().capacity);
  if (readsImages()) {
    found.skip = transformer::prependedTo(rows, op);
    found.made = context - found.skip;
    return found;
  }
  for (; rows.getDefiningOp(); ++found.made) {
    auto unfold = rows.getDefiningOp<transformer::UnfoldOp>();
    if (!unfold || unfold.getGrid())
      return op->emitError("hands out rows that are made for each sequence "
                           "alike, which is not supported yet");
    rows = unfold.getRows();
  }
  return found;
}

LogicalResult lowering::lowerTap(Lowering &l, transformer::TapOp op) {
  FailureOr<Lowering::TapRows> at = l.tapRows(op, op.getX());
  if (failed(l.needAllRows(op, op.getX())) || failed(at))
    return failure();
  Value x = l.rows(op.getX());
  int64_t heads = op.getHeads().value_or(0), turned = 0;
  // Packing has put partners of halves side by side.
  if (auto rotary = op.getX().getDefiningOp<transformer::RotaryOp>();
      rotary && rotary.getLayout() == transformer::RotaryLayout::Halves) {
    turned = rotary.getDim();
    if (heads * int64_t(rotary.getHeadDim()) != width(op.getX()))
      return op.emitError("needs the heads of the rotation before it");
  }
  int64_t columns = width(op.getX()) / std::max<int64_t>(heads, 1);
  kernel::TapOp::create(l.b, op.getLoc(), l.step, x, l.round(op.getLoc()),
                        at->firsts, l.addTap(op.getName(), heads, columns, *at),
                        at->capacity, at->skip, turned);
  l.replace(op, x, kernel::Count::Rows);
  return success();
}
