// What an encoder-decoder computes once for a source: its encoder's rows, and
// of the decoder all that follows from these alone, the keys and values of its
// cross-attention. They go where the decoder's step looks for them.
#include "compiler/Lowering/Lowering.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace lowering;

void Lowering::findMemory(func::FuncOp decoder) {
  if (!transformer::encoderOf(decoder))
    return;
  ofMemory.insert(transformer::memoryOf(decoder));
  decoder.walk<WalkOrder::PreOrder>([&](Operation *op) {
    auto operands =
        llvm::make_filter_range(op->getOperands(), transformer::areRows);
    if (op->getNumResults() == 1 && op->getNumRegions() == 0 &&
        !isa<transformer::CrossAttentionOp>(op) && !operands.empty() &&
        llvm::all_of(operands, [&](Value v) { return areOfMemory(v); }))
      ofMemory.insert(op->getResult(0));
  });
}

LogicalResult
Lowering::checkMemory(transformer::CrossAttentionOp attention) const {
  if (areOfMemory(attention.getK()) && areOfMemory(attention.getV()))
    return success();
  return attention.emitError("needs keys and values that follow from the rows "
                             "of an encoder");
}

LogicalResult Lowering::lowerMemoryOp(Operation *op) {
  if (auto attention = dyn_cast<transformer::CrossAttentionOp>(op)) {
    kernel::CacheAttr cache = cacheOf(attention);
    if (failed(checkMemory(attention)))
      return failure();
    Value slot = takeSlot(op->getLoc(), cache.bytes());
    enter(stageOf.lookup(attention.getK()));
    intoCache(op->getLoc(), attention.getK(), attention.getV(), slot, cache);
    return success();
  }
  if (auto loop = dyn_cast<scf::ForOp>(op)) {
    if (!loop.getStaticTripCount())
      return loop.emitError("needs a constant number of repetitions");
    return repeat(loop, {},
                  [&](scf::ForOp) { return lowerMemory(*loop.getBody()); });
  }
  // The shares of other attention are the decoder's own.
  cacheUsed += ownBytes(*op);
  bool isHere = op->getNumResults() == 1 && areOfMemory(op->getResult(0));
  return isHere ? lowerOp(op) : success();
}

LogicalResult Lowering::lowerMemory(Block &block) {
  for (Operation &op : block)
    if (failed(lowerMemoryOp(&op)))
      return failure();
  return success();
}

/// The decoder reads all of an encoder's sequences.
static LogicalResult refuseExits(func::FuncOp encoder) {
  WalkResult walk = encoder.walk([](transformer::ExitOp op) {
    return op.emitError("ends sequences of an encoder-decoder, which is not "
                        "supported yet"),
           WalkResult::interrupt();
  });
  return failure(walk.wasInterrupted());
}

LogicalResult Lowering::runEncoder(func::FuncOp decoder) {
  if (failed(findRotations()) || failed(checkResults()) ||
      failed(refuseExits(model)))
    return failure();
  Block &body = model.getBody().front();
  OpBuilder::InsertionGuard guard(b);
  func::FuncOp function = begin((decoder.getName() + "_encode").str());
  // Its own keys and values, of one round of a loop at a time, lie behind all
  // that the decoder has.
  cacheUsed = cacheBytes(decoder.getBody().front());
  keepsRows = false;
  if (failed(lowerBlock(body)))
    return failure();
  Value result = body.getTerminator()->getOperand(0);
  if (!map.contains(result) || countOf(result) != kernel::Count::Rows)
    return model.emitError("returns something else than all of its rows");
  keepsRows = true;
  int64_t used = std::exchange(cacheUsed, 0);
  findMemory(decoder);
  Value memory = transformer::memoryOf(decoder);
  map.map(memory, rows(result));
  counts[memory] = kernel::Count::Rows;
  stageOf[memory] = stageOf.lookup(result);
  if (failed(lowerMemory(decoder.getBody().front())))
    return failure();
  cacheUsed = used;
  enter(stageOf.lookup(result));
  Value all = rows(result);
  Value to = destination(model.getLoc(),
                         cast<RankedTensorType>(all.getType()).getDimSize(1));
  auto wanted =
      kernel::GatherOp::create(b, model.getLoc(), to.getType(), step, all, to);
  putOut(wanted.getResult(0));
  end(function, wanted.getResult(0), kernel::Count::Outputs);
  return success();
}
