// transformer.exit -> kernel.leave. The step function then works on a copy of
// the step, whose arrays it may write: where sequences have left, the rows of
// the others move together there, and what follows is done on these alone.
#include "compiler/Lowering/Lowering.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace lowering;

bool lowering::holdsExits(Operation *op) {
  return op->walk([](transformer::ExitOp) { return WalkResult::interrupt(); })
      .wasInterrupted();
}

void Lowering::beginExits() {
  if (!holdsExits(model))
    return;
  // What windows of one row each make is a copy.
  auto windows = kernel::WindowsAttr::get(b.getContext(), 1, 1, 0, 0, 0, 0);
  whole = stages[makeStage(0, windows, context)].step;
  auto words = MemRefType::get({3 + capacity}, b.getI32Type());
  left = memref::AllocOp::create(b, model.getLoc(), words);
  kernel::RemainAllOp::create(b, model.getLoc(), whole, left);
  stages.front().step = whole;
  enter(0);
}

void Lowering::enterRemaining(Location loc) {
  stages[stage].isOver = true;
  Stage now = stages[stage];
  now.isOver = false;
  now.step =
      kernel::RemainingStepOp::create(b, loc, step.getType(), whole, left);
  stages.push_back(now);
  enter(stages.size() - 1);
}

LogicalResult Lowering::checkExits(Operation *op) {
  using namespace transformer;
  for (Value operand : op->getOperands())
    if (areRows(operand) && map.contains(operand) &&
        stages[stageOf.lookup(operand)].isOver)
      return op->emitError("reads rows of before an exit");
  if (stage != 0 &&
      isa<EmbedOp, PatchesOp, InputOp, QueriesOp, transformer::TypesOp>(op))
    return op->emitError("reads what the caller gives behind an exit");
  auto unfold = dyn_cast<transformer::UnfoldOp>(op);
  auto attention = dyn_cast<transformer::AttentionOp>(op);
  if (isa<transformer::TapOp, transformer::MixOp, CrossAttentionOp>(op) ||
      (unfold && !unfold.windows().keeps()) ||
      (attention && (attention.getTap() || attention.getTapScores())))
    return op->emitError("is in a model with exits, which is not supported "
                         "yet");
  return success();
}

LogicalResult Lowering::lowerExit(transformer::ExitOp op) {
  if (failed(needAllRows(op, op.getX())))
    return failure();
  if (model->hasAttr("transformer.causal"))
    return op.emitError("is in a causal model, whose sequences may come in "
                        "pieces");
  if (countOf(op.getScores()) != kernel::Count::Sequences)
    return op.emitError("has scores that are not one row of each sequence");
  int64_t made = width(op.getScores());
  int64_t wanted =
      cast<RankedTensorType>(model.getResultTypes()[0]).getDimSize(1);
  if (made != wanted)
    return op.emitError("has scores of width ")
           << made << ", the model returns rows of " << wanted;
  Value x = rows(op.getX());
  Value moved =
      kernel::LeaveOp::create(b, op.getLoc(), TypeRange{x.getType()}, step,
                              rows(op.getScores()), left, x, op.getAboveAttr(),
                              machine.getAttention()[0])
          .getResult(0);
  enterRemaining(op.getLoc());
  replace(op, moved, kernel::Count::Rows);
  return success();
}

LogicalResult Lowering::endExits(Value result) {
  if (countOf(result) != kernel::Count::Sequences)
    return model.emitError("has exits, but does not return one row of each "
                           "sequence");
  enter(stageOf.lookup(result));
  kernel::LeaveOp::create(b, model.getLoc(), TypeRange(), step, rows(result),
                          left, ValueRange(), FloatAttr(),
                          machine.getAttention()[0]);
  return success();
}
