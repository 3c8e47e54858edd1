// transformer.attention -> keys and values into the cache, then
// kernel.attention over it.
#include "compiler/Lowering/Lowering.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace lowering;
using kernel::AttentionOp;

/// Room for the longest sequence of the rows that are the keys.
template <class Op>
static kernel::CacheAttr cacheOf(Op op, Value keys, kernel::Format format) {
  int64_t kvHeads = op.getKvHeads(), context = transformer::contextOf(keys);
  return kernel::CacheAttr::get(
      op.getContext(), llvm::divideCeil(context, kernel::CacheAttr::block),
      kvHeads, width(op.getK()) / kvHeads, width(op.getV()) / kvHeads, format);
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

kernel::Format Lowering::cacheFormat() {
  auto format =
      model->getParentOfType<ModuleOp>()->getAttrOfType<kernel::FormatAttr>(
          kernel::cacheAttrName);
  return format ? format.getValue() : kernel::Format::F32;
}

kernel::CacheAttr Lowering::cacheOf(transformer::AttentionOp op) {
  return ::cacheOf(op, op.getRows(), cacheFormat());
}

kernel::CacheAttr Lowering::cacheOf(transformer::ScoreAttentionOp op) {
  return ::cacheOf(op, op.getRows(), cacheFormat());
}

kernel::CacheAttr Lowering::cacheOf(transformer::CrossAttentionOp op) {
  return ::cacheOf(op, op.getSource(), cacheFormat());
}

// Fusion makes the cache the target of the matmuls before, unless it is int8.
void Lowering::intoCache(Location loc, Value k, Value v, Value slot,
                         kernel::CacheAttr cache) {
  kernel::MapOp::create(b, loc, kernel::Count::Rows, step, rows(k),
                        kernel::Target::Keys, ValueRange(), slot, cache);
  kernel::MapOp::create(b, loc, kernel::Count::Rows, step, rows(v),
                        kernel::Target::Values, ValueRange(), slot, cache);
}

kernel::Mask lowering::maskOf(transformer::Mask mask) {
  switch (mask) {
  case transformer::Mask::None:
    return kernel::Mask::None;
  case transformer::Mask::Causal:
    return kernel::Mask::Causal;
  case transformer::Mask::Prefix:
    return kernel::Mask::Prefix;
  }
  llvm_unreachable("all masks are listed");
}

LogicalResult lowering::lowerAttention(Lowering &l,
                                       transformer::AttentionOp op) {
  Location loc = op.getLoc();
  kernel::CacheAttr cache = l.cacheOf(op);
  Value slot = l.takeSlot(loc, cache.bytes());
  l.intoCache(loc, op.getK(), op.getV(), slot, cache);
  kernel::Mask mask = maskOf(op.getMask());
  Value table;
  IntegerAttr zero;
  if (op.getBias()) {
    Lowering::Bias bias = l.bias(op);
    table = bias.table;
    zero = l.b.getI64IntegerAttr(bias.zero);
  }
  kernel::RandomAttr random;
  Value round;
  if (op.getRandom()) {
    random = kernel::RandomAttr::get(l.b.getContext(), *op.getRandom(),
                                     op.getSeed());
    round = l.round(loc);
  }
  auto tap = [&](kernel::TapAttr tap, const Lowering::TapRows &at,
                 UnitAttr scores) {
    kernel::TapWeightsOp::create(
        l.b, loc, l.step, l.rows(op.getQ()), slot, table, l.round(loc),
        at.firsts, op.getHeadsAttr(),
        kernel::MaskAttr::get(l.b.getContext(), mask), op.getScaleAttr(),
        op.getWindowAttr(), op.getSegmentAttr(), op.getSinksAttr(),
        op.getGlobalAttr(), random, op.getSoftcapAttr(), zero, cache, tap,
        at.capacity, l.b.getI64IntegerAttr(at.skip), scores);
  };
  if (failed(l.tapWeights(op, l.context, tap)))
    return failure();
  SmallVector<Value> to{l.destination(loc, width(op.getResult()))};
  if (op.getMask() != transformer::Mask::None &&
      AttentionOp::chunksOf(cache) > 1)
    to.push_back(partials(l, op, cache));
  ArrayRef<int64_t> tile = l.machine.getAttention();
  auto attention = AttentionOp::create(
      l.b, loc, TypeRange(to), l.step, l.rows(op.getQ()), slot, table, round,
      to, op.getHeadsAttr(), kernel::MaskAttr::get(l.b.getContext(), mask),
      op.getScaleAttr(), op.getWindowAttr(), op.getSegmentAttr(),
      op.getSinksAttr(), op.getGlobalAttr(), random, op.getSoftcapAttr(), zero,
      cache,
      kernel::ScheduleAttr::get(l.b.getContext(), tile[0], tile[1],
                                l.machine.getLanes()));
  l.replace(op, attention.getResult(0), kernel::Count::Rows);
  return success();
}

// Keys and values of an encoder's rows are there already: NAME_encode has put
// them there.
LogicalResult lowering::lowerCrossAttention(Lowering &l,
                                            transformer::CrossAttentionOp op) {
  bool own = !isa<BlockArgument>(op.getSource());
  if (!own && failed(l.checkMemory(op)))
    return failure();
  if (own && (l.countOf(op.getQ()) != kernel::Count::Rows ||
              transformer::rowsOf(op.getK()) != op.getSource() ||
              transformer::rowsOf(op.getV()) != op.getSource()))
    return op.emitError("needs keys and values of its source, and all rows");
  Location loc = op.getLoc();
  kernel::CacheAttr cache = l.cacheOf(op);
  Value slot = l.takeSlot(loc, cache.bytes());
  Value step = own ? l.intoCacheOfMade(op, slot, cache) : l.step;
  auto mask = kernel::MaskAttr::get(l.b.getContext(), kernel::Mask::Source);
  auto tap = [&](kernel::TapAttr tap, const Lowering::TapRows &at,
                 UnitAttr scores) {
    kernel::TapWeightsOp::create(
        l.b, loc, step, l.rows(op.getQ()), slot, Value(), l.round(loc),
        at.firsts, op.getHeadsAttr(), mask, op.getScaleAttr(), IntegerAttr(),
        IntegerAttr(), IntegerAttr(), UnitAttr(), kernel::RandomAttr(),
        op.getSoftcapAttr(), IntegerAttr(), cache, tap, at.capacity,
        l.b.getI64IntegerAttr(at.skip), scores);
  };
  if (failed(l.tapWeights(op, transformer::contextOf(op.getSource()), tap)))
    return failure();
  SmallVector<Value> to{l.destination(loc, width(op.getResult()))};
  ArrayRef<int64_t> tile = l.machine.getAttention();
  auto attention = AttentionOp::create(
      l.b, loc, TypeRange(to), step, l.rows(op.getQ()), slot, Value(), Value(),
      to, op.getHeadsAttr(), mask, op.getScaleAttr(), IntegerAttr(),
      IntegerAttr(), IntegerAttr(), UnitAttr(), kernel::RandomAttr(),
      op.getSoftcapAttr(), IntegerAttr(), cache,
      kernel::ScheduleAttr::get(l.b.getContext(), tile[0], tile[1],
                                l.machine.getLanes()));
  l.replace(op, attention.getResult(0), kernel::Count::Rows);
  return success();
}
