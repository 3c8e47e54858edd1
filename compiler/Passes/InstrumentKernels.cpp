// In: kernels on buffers, on a module that asks for a profile. Out: each
// reports its begin and end under its number, which counts in order of the
// text; a norm that a matmul begins with is a kernel of its own, so that its
// time shows.
#include "compiler/Passes/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;
using namespace kernel;

namespace {

void splitNorm(MatmulOp op) {
  if (!op.getNorm())
    return;
  OpBuilder b(op);
  Value rows = op.getInits()[0];
  auto norm = NormOp::create(b, op.getLoc(), TypeRange(), op.getCount(),
                             op.getStep(), op.getInput(), op.getNormWeights(),
                             ValueRange{rows}, *op.getNorm());
  norm->setAttr(nameAttrName, b.getStringAttr(nameOf(op) + ".norm"));
  op.getInputMutable().assign(rows);
  op.getNormWeightsMutable().clear();
  op.getInitsMutable().erase(0);
  op.removeNormAttr();
}

struct InstrumentKernels
    : PassWrapper<InstrumentKernels, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(InstrumentKernels)
  StringRef getArgument() const override { return "instrument-kernels"; }
  StringRef getDescription() const override {
    return "Let each kernel report when it begins and ends";
  }

  void runOnOperation() override {
    if (!getOperation()->hasAttr(passes::profileAttrName))
      return;
    getOperation().walk([](MatmulOp op) { splitNorm(op); });
    SmallVector<Operation *> kernels;
    getOperation().walk([&](Operation *op) {
      if (isKernel(op))
        kernels.push_back(op);
    });
    for (auto [number, op] : llvm::enumerate(kernels)) {
      Value step = *llvm::find_if(op->getOperands(), [](Value operand) {
        return isa<StepType>(operand.getType());
      });
      OpBuilder b(op);
      ReportOp::create(b, op->getLoc(), Moment::Begin, number, step);
      b.setInsertionPointAfter(op);
      ReportOp::create(b, op->getLoc(), Moment::End, number, step);
    }
  }
};

} // namespace

std::unique_ptr<Pass> passes::createInstrumentKernels() {
  return std::make_unique<InstrumentKernels>();
}
