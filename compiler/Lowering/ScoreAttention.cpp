// transformer.score_attention -> keys and values into the cache, then
// kernel.score_attention over it.
#include "compiler/Lowering/Lowering.h"

using namespace mlir;
using namespace lowering;

static kernel::Scores toKernel(transformer::Scores scores) {
  switch (scores) {
  case transformer::Scores::Linear:
    return kernel::Scores::Linear;
  case transformer::Scores::Relu:
    return kernel::Scores::Relu;
  case transformer::Scores::Hard:
    return kernel::Scores::Hard;
  }
  llvm_unreachable("all scores are listed");
}

kernel::Divisor lowering::divisorOf(transformer::Normalise normalise) {
  switch (normalise) {
  case transformer::Normalise::None:
    return kernel::Divisor::One;
  case transformer::Normalise::Rows:
    return kernel::Divisor::Weights;
  case transformer::Normalise::Number:
    return kernel::Divisor::Number;
  }
  llvm_unreachable("all divisors are listed");
}

/// Hard weights are 1 before they are divided by their number.
static kernel::Divisor divisorOf(transformer::ScoreAttentionOp op) {
  if (op.getScores() == transformer::Scores::Hard)
    return kernel::Divisor::Weights;
  return lowering::divisorOf(op.getNormalise());
}

LogicalResult lowering::lowerScoreAttention(Lowering &l,
                                            transformer::ScoreAttentionOp op) {
  Location loc = op.getLoc();
  kernel::CacheAttr cache = l.cacheOf(op);
  Value slot = l.takeSlot(loc, cache.bytes());
  l.intoCache(loc, op.getK(), op.getV(), slot, cache);
  Value to = l.destination(loc, width(op.getResult()));
  ArrayRef<int64_t> tile = l.machine.getAttention();
  MLIRContext *context = l.b.getContext();
  auto attention = kernel::ScoreAttentionOp::create(
      l.b, loc, TypeRange{to.getType()},
      kernel::ScoresAttr::get(context, toKernel(op.getScores())), l.step,
      l.rows(op.getQ()), slot, to, op.getHeadsAttr(),
      kernel::MaskAttr::get(context, maskOf(op.getMask())),
      kernel::DivisorAttr::get(context, ::divisorOf(op)), op.getScaleAttr(),
      l.b.getI64IntegerAttr(op.getButLast()), cache,
      kernel::ScheduleAttr::get(context, tile[0], tile[1],
                                l.machine.getLanes()));
  l.replace(op, attention.getResult(0), kernel::Count::Rows);
  return success();
}
