// In: model functions of the transformer dialect, the target on the module.
// Out: step functions of kernel ops on tensors of the step's capacity.
#include "compiler/Lowering/Lowering.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
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
    registry
        .insert<arith::ArithDialect, bufferization::BufferizationDialect,
                kernel::KernelDialect, math::MathDialect, memref::MemRefDialect,
                scf::SCFDialect, tensor::TensorDialect>();
  }

  void runOnOperation() override {
    kernel::MachineAttr machine = kernel::targetOf(getOperation());
    if (!machine)
      return signalPassFailure();
    SmallVector<func::FuncOp> models;
    llvm::SetVector<Operation *> encoders; // written with their decoders
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (func->hasAttr("transformer.context") && !func.isExternal()) {
        models.push_back(func);
        if (func::FuncOp encoder = transformer::encoderOf(func))
          encoders.insert(encoder);
      }
    for (func::FuncOp model : models)
      if (!encoders.contains(model) && failed(lower(model, machine)))
        return signalPassFailure();
    for (Operation *encoder : encoders)
      encoder->erase();
  }

  /// Without a causal mask a sequence is whole in one step; a source is always.
  static int64_t capacityOf(func::FuncOp model, bool whole) {
    auto context = model->getAttrOfType<IntegerAttr>("transformer.context");
    return whole ? std::max(rowsAtOnce, context.getInt()) : rowsAtOnce;
  }

  static LogicalResult lower(func::FuncOp model, kernel::MachineAttr machine) {
    if (func::FuncOp encoder = transformer::encoderOf(model)) {
      if (!encoder->hasAttr("transformer.context") || encoder.isExternal())
        return model.emitError("has an encoder that is no model");
      int64_t capacity = capacityOf(encoder, true);
      if (failed(
              lowering::Lowering(encoder, machine, capacity).runEncoder(model)))
        return failure();
    }
    bool whole = !model->hasAttr("transformer.causal");
    return lowering::Lowering(model, machine, capacityOf(model, whole)).run();
  }
};

} // namespace

std::unique_ptr<Pass> lowering::createLowerToKernel() {
  return std::make_unique<LowerToKernel>();
}
