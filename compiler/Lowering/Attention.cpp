// transformer.attention -> keys and values into the cache, then
// kernel.attention over it.
#include "compiler/Lowering/Lowering.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace lowering;
using kernel::AttentionOp;

static int64_t width(Value matrix) {
  return cast<RankedTensorType>(matrix.getType()).getDimSize(1);
}

kernel::CacheAttr Lowering::cacheOf(transformer::AttentionOp op) {
  int64_t kvHeads = op.getKvHeads();
  return kernel::CacheAttr::get(
      b.getContext(), llvm::divideCeil(context, kernel::CacheAttr::block),
      kvHeads, width(op.getK()) / kvHeads, width(op.getV()) / kvHeads);
}

/// Room for partial results, by which few rows share out many keys. Sequences
/// without a mask are whole in a step: then there are many rows.
static Value partials(Lowering &l, transformer::AttentionOp op,
                      kernel::CacheAttr cache) {
  SmallVector<int64_t> shape{
      AttentionOp::partialRows * AttentionOp::chunksOf(cache),
      static_cast<int64_t>(op.getHeads()) * AttentionOp::partialWidth(cache)};
  return tensor::EmptyOp::create(l.b, op.getLoc(), shape, l.b.getF32Type());
}

LogicalResult lowering::lowerAttention(Lowering &l,
                                       transformer::AttentionOp op) {
  Location loc = op.getLoc();
  kernel::CacheAttr cache = l.cacheOf(op);
  Value slot = l.takeSlot(loc, cache);
  // Fusion makes the cache the target of the matmuls before.
  auto intoCache = [&](Value x, kernel::Target target) {
    kernel::MapOp::create(l.b, loc, kernel::Count::Rows, l.step, l.rows(x),
                          target, ValueRange(), slot, cache);
  };
  intoCache(op.getK(), kernel::Target::Keys);
  intoCache(op.getV(), kernel::Target::Values);
  SmallVector<Value> to{l.destination(loc, width(op.getResult()))};
  if (op.getMask() == transformer::Mask::Causal &&
      AttentionOp::chunksOf(cache) > 1)
    to.push_back(partials(l, op, cache));
  ArrayRef<int64_t> tile = l.machine.getAttention();
  auto mask = op.getMask() == transformer::Mask::Causal ? kernel::Mask::Causal
                                                        : kernel::Mask::None;
  auto attention = AttentionOp::create(
      l.b, loc, TypeRange(to), l.step, l.rows(op.getQ()), slot, to,
      op.getHeadsAttr(), kernel::MaskAttr::get(l.b.getContext(), mask),
      op.getScaleAttr(), op.getWindowAttr(), op.getSoftcapAttr(), cache,
      kernel::ScheduleAttr::get(l.b.getContext(), tile[0], tile[1],
                                l.machine.getLanes()));
  l.replace(op, attention.getResult(0), kernel::Count::Rows);
  return success();
}
