// In: model functions of the transformer dialect, the target on the module.
// Out: step functions of kernel ops on tensors of the step's capacity.
#include "compiler/Lowering/Lowering.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace {

// Rows processed at once: enough to amortise a pass over the weights, few
// enough for intermediates of tens of megabytes.
constexpr int64_t rowsAtOnce = 512;

struct LowerToKernel : PassWrapper<LowerToKernel, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(LowerToKernel)
  StringRef getArgument() const override { return "lower-to-kernel"; }
  StringRef getDescription() const override {
    return "Write each model function as a step function of kernels";
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, bufferization::BufferizationDialect,
                    kernel::KernelDialect, math::MathDialect, scf::SCFDialect,
                    tensor::TensorDialect>();
  }

  void runOnOperation() override {
    kernel::MachineAttr machine = kernel::targetOf(getOperation());
    if (!machine)
      return signalPassFailure();
    auto funcs = llvm::to_vector(getOperation().getOps<func::FuncOp>());
    for (func::FuncOp model : funcs) {
      auto context = model->getAttrOfType<IntegerAttr>("transformer.context");
      if (!context || model.isExternal())
        continue;
      // Without a causal mask a sequence is whole in one step.
      bool causal = model->hasAttr("transformer.causal");
      int64_t capacity =
          causal ? rowsAtOnce : std::max(rowsAtOnce, context.getInt());
      if (failed(lowering::Lowering(model, machine, capacity).run()))
        return signalPassFailure();
    }
  }
};

} // namespace

std::unique_ptr<Pass> lowering::createLowerToKernel() {
  return std::make_unique<LowerToKernel>();
}
