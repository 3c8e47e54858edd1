// transformer.route -> kernel.route. transformer.experts -> lists of the rows
// that chose each expert, then a loop over experts: its rows are taken
// together, worked on as a step of their own, and added to where they came
// from.
#include "compiler/Lowering/Lowering.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace lowering;

LogicalResult lowering::lowerRoute(Lowering &l, transformer::RouteOp op) {
  Location loc = op.getLoc();
  auto router = op.getRouter() == transformer::Router::Softmax
                    ? kernel::Router::Softmax
                    : kernel::Router::Sigmoid;
  Value correction;
  if (op.getCorrection())
    correction = l.vectorWeight(op.getCorrection());
  SmallVector<Value> to{l.destination(loc, width(op.getScores()))};
  if (correction || op.getGroups() > 1)
    to.push_back(l.destination(loc, width(op.getScores())));
  auto route = kernel::RouteOp::create(
      l.b, loc, TypeRange(ValueRange(to)), router, l.countOf(op.getScores()),
      l.step, l.rows(op.getScores()), correction, to, op.getTopK(),
      op.getGroups(), op.getTopGroups(), op.getTwoBest(), op.getNormalise(),
      op.getScaleAttr().getValue());
  l.replace(op, route.getResult(0), l.countOf(op.getScores()));
  return success();
}

/// One expert's part of the sum, inside the loop; null after an error.
Value Lowering::lowerExpert(transformer::ExpertsOp op, Value number,
                            Value lists, Value sum) {
  Location loc = op.getLoc();
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value length =
      tensor::ExtractOp::create(b, loc, lists, ValueRange{number, zero});
  length = arith::IndexCastOp::create(b, loc, b.getIndexType(), length);
  Value part =
      kernel::ChosenStepOp::create(b, loc, step.getType(), length, step);
  unsigned outer = stage, chosen = stages.size();
  stages.push_back({part, capacity, context, Value()});
  enter(chosen);
  Value to = destination(loc, width(op.getX()));
  Value taken =
      kernel::TakeRowsOp::create(b, loc, TypeRange{to.getType()}, step,
                                 rows(op.getX()), lists, number, ValueRange{to})
          .getResult(0);
  Block &body = op.getBody().front();
  map.map(body.getArgument(0), taken);
  counts[body.getArgument(0)] = kernel::Count::Chosen;
  stageOf[body.getArgument(0)] = chosen;
  map.map(body.getArgument(1), number);
  bool failed = mlir::failed(lowerBlock(body));
  Value made;
  enter(chosen);
  if (!failed)
    made = kernel::AddRowsOp::create(
               b, loc, TypeRange{sum.getType()}, step,
               rows(cast<transformer::YieldOp>(body.getTerminator()).getRows()),
               rows(op.getGates()), lists, number, ValueRange{sum})
               .getResult(0);
  enter(outer);
  return made;
}

LogicalResult Lowering::lowerExperts(transformer::ExpertsOp op) {
  Location loc = op.getLoc();
  kernel::Count count = countOf(op.getX());
  Value empty = tensor::EmptyOp::create(
      b, loc, ArrayRef<int64_t>{op.count(), capacity + 1}, b.getI32Type());
  Value lists =
      kernel::ListRowsOp::create(b, loc, TypeRange{empty.getType()}, count,
                                 step, rows(op.getGates()), ValueRange{empty})
          .getResult(0);
  Value zeros =
      mapRows(loc, rows(op.getX()), {}, {}, count, 0,
              [&](OpBuilder &b, ValueRange) -> Value {
                return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(0));
              })
          .getResult(0);
  auto constant = [&](int64_t v) {
    return arith::ConstantIndexOp::create(b, loc, v).getResult();
  };
  auto loop = scf::ForOp::create(b, loc, constant(0), constant(op.count()),
                                 constant(1), ValueRange{zeros});
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToEnd(loop.getBody());
  Value sum =
      lowerExpert(op, loop.getInductionVar(), lists, loop.getRegionIterArg(0));
  if (!sum)
    return failure();
  scf::YieldOp::create(b, loc, sum);
  replace(op, loop.getResult(0), count);
  return success();
}
