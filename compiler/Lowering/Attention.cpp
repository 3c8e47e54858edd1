// transformer.attention -> keys and values into the cache, then
// kernel.attention over it.
#include "compiler/Lowering/Lowering.h"

using namespace mlir;
using namespace lowering;

static int64_t width(Value matrix) {
  return cast<RankedTensorType>(matrix.getType()).getDimSize(1);
}

kernel::CacheAttr Lowering::cacheOf(transformer::AttentionOp op) {
  int64_t kvHeads = op.getKvHeads();
  return kernel::CacheAttr::get(
      b.getContext(), llvm::divideCeil(context, kernel::CacheAttr::block),
      kvHeads, width(op.getK()) / kvHeads, width(op.getV()) / kvHeads);
}

/// A map without a region's work: fusion makes it the target of a matmul.
static void intoCache(Lowering &l, Location loc, Value x, kernel::Target target,
                      Value slot, kernel::CacheAttr cache) {
  auto map = kernel::MapOp::create(l.b, loc, TypeRange(), kernel::Count::Rows,
                                   l.step, x, ValueRange(), slot, ValueRange(),
                                   width(x), target, l.b.getArrayAttr({}),
                                   cache, IntegerAttr(), IntegerAttr());
  OpBuilder::InsertionGuard guard(l.b);
  Block &body = map.getBody().emplaceBlock();
  l.b.setInsertionPointToEnd(&body);
  kernel::YieldOp::create(l.b, loc, body.addArgument(l.b.getF32Type(), loc));
}

LogicalResult lowering::lowerAttention(Lowering &l,
                                       transformer::AttentionOp op) {
  Location loc = op.getLoc();
  kernel::CacheAttr cache = l.cacheOf(op);
  Value slot = l.takeSlot(loc, cache);
  intoCache(l, loc, l.rows(op.getK()), kernel::Target::Keys, slot, cache);
  intoCache(l, loc, l.rows(op.getV()), kernel::Target::Values, slot, cache);
  Value to = l.destination(loc, width(op.getResult()));
  ArrayRef<int64_t> tile = l.machine.getAttention();
  auto mask = op.getMask() == transformer::Mask::Causal ? kernel::Mask::Causal
                                                        : kernel::Mask::None;
  auto attention = kernel::AttentionOp::create(
      l.b, loc, TypeRange{to.getType()}, l.step, l.rows(op.getQ()), slot, to,
      op.getHeadsAttr(), kernel::MaskAttr::get(l.b.getContext(), mask),
      op.getScaleAttr(), op.getWindowAttr(), op.getSoftcapAttr(), cache,
      kernel::ScheduleAttr::get(l.b.getContext(), tile[0], tile[1],
                                l.machine.getLanes()));
  l.replace(op, attention.getResult(0), kernel::Count::Rows);
  return success();
}
