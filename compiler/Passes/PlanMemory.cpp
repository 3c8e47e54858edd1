// In: buffers of intermediates as memref.alloc. Out: places in the scratch
// buffer at constant offsets, shared by buffers that are never alive together;
// copies between buffers as maps of the rows in use.
#include "compiler/Passes/Passes.h"
#include "compiler/Passes/Steps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Interfaces/LoopLikeInterface.h"

#include <tuple>

using namespace mlir;

namespace {

constexpr int64_t alignment = 64;
// Kernels may read a whole vector behind the last column of the last row.
constexpr int64_t slack = 256;

struct Interval {
  memref::AllocOp alloc;
  int64_t first, last; ///< numbers of ops, in order of execution
  int64_t bytes, offset = 0;

  bool overlaps(const Interval &other) const {
    return first <= other.last && other.first <= last;
  }
};

struct PlanMemory : PassWrapper<PlanMemory, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(PlanMemory)
  StringRef getArgument() const override { return "plan-memory"; }
  StringRef getDescription() const override {
    return "Give each intermediate its place in the scratch buffer";
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, kernel::KernelDialect>();
  }

  llvm::DenseMap<Operation *, int64_t> number;
  llvm::DenseMap<Operation *, int64_t> lastInside;

  /// Numbers ops in order; an op with regions ends after what is in it.
  void numberOps(func::FuncOp func) {
    int64_t next = 0;
    func.walk<WalkOrder::PreOrder>([&](Operation *op) { number[op] = next++; });
    func.walk([&](Operation *op) {
      int64_t last = number[op];
      for (Region &region : op->getRegions())
        for (Operation &inner : region.getOps())
          last = std::max(last, lastInside[&inner]);
      lastInside[op] = last;
    });
  }

  /// Last op at which the buffer (or one that a loop carries for it) is used.
  int64_t lastUse(Value buffer, Block *home) {
    int64_t last = 0;
    for (Operation *user : buffer.getUsers()) {
      // A use inside a loop lasts for all of its iterations.
      Operation *here = home->findAncestorOpInBlock(*user);
      last = std::max(last, lastInside[here ? here : user]);
      if (auto loop = dyn_cast<LoopLikeOpInterface>(user))
        for (auto [init, result] :
             llvm::zip(loop.getInits(), user->getResults()))
          if (init == buffer)
            last = std::max(last, lastUse(result, home));
      // A step reads its arrays as long as it, or one that sees its rows, is
      // used.
      if (isa<kernel::UnfoldedStepOp, kernel::SourceStepOp,
              kernel::RemainingStepOp>(user))
        last = std::max(last, lastUse(user->getResult(0), home));
    }
    return last;
  }

  SmallVector<Interval> intervals(func::FuncOp func) {
    SmallVector<Interval> result;
    func.walk([&](memref::AllocOp alloc) {
      int64_t bytes = alloc.getType().getNumElements() * 4 + slack;
      result.push_back({alloc, number[alloc], lastUse(alloc, alloc->getBlock()),
                        static_cast<int64_t>(llvm::alignTo(bytes, alignment))});
    });
    return result;
  }

  /// First fit, largest first.
  int64_t assign(MutableArrayRef<Interval> all) {
    SmallVector<Interval *> order;
    for (Interval &i : all)
      order.push_back(&i);
    llvm::sort(order, [](Interval *x, Interval *y) {
      return std::tuple(-x->bytes, x->first) < std::tuple(-y->bytes, y->first);
    });
    int64_t total = 0;
    SmallVector<Interval *> placed;
    for (Interval *interval : order) {
      SmallVector<Interval *> conflicts;
      for (Interval *other : placed)
        if (interval->overlaps(*other))
          conflicts.push_back(other);
      llvm::sort(conflicts, [](Interval *x, Interval *y) {
        return x->offset < y->offset;
      });
      for (Interval *other : conflicts)
        if (interval->offset + interval->bytes > other->offset)
          interval->offset =
              std::max(interval->offset, other->offset + other->bytes);
      placed.push_back(interval);
      total = std::max(total, interval->offset + interval->bytes);
    }
    return total;
  }

  /// The rows of which step a buffer holds: what wrote it says it.
  static Value stepOfBuffer(Value buffer, Value own) {
    for (Operation *user : buffer.getUsers()) {
      auto kernel = dyn_cast<DestinationStyleOpInterface>(user);
      if (!kernel || !llvm::is_contained(kernel.getDpsInits(), buffer))
        continue;
      Value step = passes::stepOf(user);
      // What is left of a step is never more than the step itself has.
      if (step && !step.getDefiningOp<kernel::RemainingStepOp>())
        return step;
    }
    return own;
  }

  // Bufferization copies whole buffers; only the rows in use matter, and the
  // caller's output holds no others.
  void replaceCopy(memref::CopyOp copy, Value step, kernel::Count count) {
    OpBuilder b(copy);
    kernel::MapOp::create(b, copy.getLoc(), count, step, copy.getSource(),
                          kernel::Target::Rows, copy.getTarget());
    copy.erase();
  }

  void runOnOperation() override {
    func::FuncOp func = getOperation();
    auto outputs = func->getAttrOfType<kernel::CountAttr>("kernel.outputs");
    if (!outputs)
      return;
    number.clear();
    lastInside.clear();
    numberOps(func);
    SmallVector<Interval> all = intervals(func);
    int64_t total = assign(all);
    Value step = func.getArgument(0);
    for (Interval &interval : all) {
      OpBuilder b(interval.alloc);
      Location loc = interval.alloc.getLoc();
      Value at = arith::ConstantIndexOp::create(b, loc, interval.offset);
      interval.alloc.replaceAllUsesWith(
          kernel::BufferOp::create(b, loc, interval.alloc.getType(),
                                   kernel::Buffer::Scratch, step, at)
              .getResult());
      interval.alloc.erase();
    }
    SmallVector<memref::CopyOp> copies;
    func.walk([&](memref::CopyOp copy) { copies.push_back(copy); });
    for (memref::CopyOp copy : copies) {
      auto to = copy.getTarget().getDefiningOp<kernel::BufferOp>();
      bool last = to && to.getPointer() == kernel::Buffer::Output;
      if (last)
        replaceCopy(copy, step, outputs.getValue());
      else
        replaceCopy(copy, stepOfBuffer(copy.getSource(), step),
                    kernel::Count::Rows);
    }
    func->setAttr(passes::scratchBytesAttrName,
                  OpBuilder(func).getI64IntegerAttr(total));
  }
};

} // namespace

std::unique_ptr<Pass> passes::createPlanMemory() {
  return std::make_unique<PlanMemory>();
}
