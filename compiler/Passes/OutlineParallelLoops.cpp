// In: scf.parallel loops of one dimension. Out: functions of a range and
// kernel.parallel_for ops that name them; what a body needs from outside is
// computed again inside, so only the step and loop variables are captured.
#include "compiler/Passes/Passes.h"

#include "compiler/Kernels/Emitter.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;

namespace {

struct OutlineParallelLoops
    : PassWrapper<OutlineParallelLoops, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(OutlineParallelLoops)
  StringRef getArgument() const override { return "outline-parallel-loops"; }
  StringRef getDescription() const override {
    return "Make each parallel loop a function that the caller's threads run";
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<kernel::KernelDialect, scf::SCFDialect>();
  }

  void outline(scf::ParallelOp loop) {
    llvm::SetVector<Value> used;
    getUsedValuesDefinedAbove(loop.getRegion(), used);
    SmallVector<Value> captures;
    kernels::collectLeaves(used.getArrayRef(), captures);
    auto module = loop->getParentOfType<ModuleOp>();
    OpBuilder b(loop);
    Location loc = loop.getLoc();
    SmallVector<Type> types;
    for (Value capture : captures)
      types.push_back(capture.getType());
    SmallVector<Type> captured = types;
    types.append(2, b.getIndexType());
    OpBuilder atEnd = OpBuilder::atBlockEnd(module.getBody());
    auto func =
        func::FuncOp::create(atEnd, loc, kernels::functionName(loop, "range"),
                             b.getFunctionType(types, {}));
    func.setPrivate();
    Block *entry = func.addEntryBlock();
    OpBuilder inside = OpBuilder::atBlockEnd(entry);
    IRMapping map;
    for (auto [capture, argument] : llvm::zip(captures, entry->getArguments()))
      map.map(capture, argument);
    for (Value value : used)
      kernels::rematerialise(inside, value, map);
    kernels::Emitter e(inside, loc);
    Value begin = entry->getArgument(captures.size());
    Value end = entry->getArgument(captures.size() + 1);
    e.loop(begin, end, 1, [&](Value i) {
      map.map(loop.getInductionVars()[0], i);
      for (Operation &op : loop.getBody()->without_terminator())
        inside.clone(op, map);
    });
    func::ReturnOp::create(inside, loc);
    Value step = loop->getParentOfType<func::FuncOp>().getArgument(0);
    kernel::ParallelForOp::create(b, loc, func.getName(), captures,
                                  loop.getUpperBound()[0], step);
    loop.erase();
  }

  void runOnOperation() override {
    SmallVector<scf::ParallelOp> loops;
    getOperation().walk([&](scf::ParallelOp loop) { loops.push_back(loop); });
    for (scf::ParallelOp loop : loops)
      outline(loop);
  }
};

} // namespace

std::unique_ptr<Pass> passes::createOutlineParallelLoops() {
  return std::make_unique<OutlineParallelLoops>();
}
