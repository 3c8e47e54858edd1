// In: loops over kernel ops on tensors. Out: what a loop hands to its next
// repetition is written where it was read from, by a copy of rows if need be;
// so that bufferization finds one buffer for all repetitions.
#include "compiler/Passes/Passes.h"
#include "compiler/Passes/Steps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace kernel;

namespace {

/// Whether anything reads `value` after `writer`, which writes over it.
bool isReadLater(Value value, Operation *writer) {
  return llvm::any_of(value.getUsers(), [&](Operation *user) {
    Operation *here = writer->getBlock()->findAncestorOpInBlock(*user);
    return here && writer->isBeforeInBlock(here);
  });
}

/// Whether `value` is `carried` overwritten in place, step by step.
bool isWrittenOver(Value value, Value carried) {
  while (value != carried) {
    Operation *def = value.getDefiningOp();
    if (!def)
      return false;
    unsigned result = cast<OpResult>(value).getResultNumber();
    Value before;
    if (auto op = dyn_cast<DestinationStyleOpInterface>(def))
      before = op.getDpsInitsMutable()[result].get();
    else if (auto loop = dyn_cast<scf::ForOp>(def))
      before = loop.getInitArgs()[result];
    if (!before || isReadLater(before, def))
      return false;
    value = before;
  }
  return true;
}

/// The step of the kernel that makes a value, in a loop or out of it.
Value stepOfMaker(Value value, Value own) {
  Operation *maker = value.getDefiningOp();
  while (auto loop = dyn_cast_or_null<scf::ForOp>(maker)) {
    value = loop.getYieldedValues()[cast<OpResult>(value).getResultNumber()];
    maker = value.getDefiningOp();
  }
  Value step = maker ? passes::stepOf(maker) : Value();
  return step ? step : own;
}

void copyInto(scf::YieldOp yield, unsigned index, Value carried, Value own) {
  OpBuilder b(yield);
  Value step = stepOfMaker(yield.getOperand(index), own);
  auto copy = MapOp::create(b, yield.getLoc(), Count::Rows, step,
                            yield.getOperand(index), Target::Rows, carried);
  yield.setOperand(index, copy.getResult(0));
}

struct WriteLoopResults
    : PassWrapper<WriteLoopResults, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(WriteLoopResults)
  StringRef getArgument() const override { return "write-loop-results"; }
  StringRef getDescription() const override {
    return "Write what a loop carries where it was read from";
  }
  void runOnOperation() override {
    getOperation().walk([&](scf::ForOp loop) {
      auto yield = cast<scf::YieldOp>(loop.getBody()->getTerminator());
      for (auto [i, carried] : llvm::enumerate(loop.getRegionIterArgs()))
        if (isa<RankedTensorType>(carried.getType()) &&
            !isWrittenOver(yield.getOperand(i), carried))
          copyInto(yield, i, carried, getOperation().getArgument(0));
    });
  }
};

} // namespace

std::unique_ptr<Pass> passes::createWriteLoopResults() {
  return std::make_unique<WriteLoopResults>();
}
