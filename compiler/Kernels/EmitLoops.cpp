// In: a step function of kernel ops on buffers. Out: loops, with a private
// function for every register tile and row; parallel loops are scf.parallel.
#include "compiler/Kernels/EmitLoops.h"

#include "compiler/Kernels/Emitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace kernels;

namespace {

struct EmitLoops : PassWrapper<EmitLoops, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(EmitLoops)
  StringRef getArgument() const override { return "emit-loops"; }
  StringRef getDescription() const override {
    return "Write each kernel op on buffers as a loop nest";
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry
        .insert<arith::ArithDialect, math::MathDialect, memref::MemRefDialect,
                scf::SCFDialect, vector::VectorDialect, LLVM::LLVMDialect>();
  }

  void runOnOperation() override {
    SmallVector<Operation *> ops;
    WalkResult walk = getOperation()->walk([&](Operation *op) {
      if (!isa<DestinationStyleOpInterface>(op))
        return WalkResult::advance();
      if (op->getNumResults()) {
        op->emitError("is still on tensors: loops need buffers");
        return WalkResult::interrupt();
      }
      ops.push_back(op);
      return WalkResult::advance();
    });
    if (walk.wasInterrupted())
      return signalPassFailure();
    SmallVector<kernel::UnfoldedStepOp> steps;
    getOperation()->walk(
        [&](kernel::UnfoldedStepOp op) { steps.push_back(op); });
    for (kernel::UnfoldedStepOp step : steps)
      emitUnfoldedStep(step);
    getOperation()->walk([](kernel::RemainAllOp op) { emitRemainAll(op); });
    for (Operation *op : ops)
      llvm::TypeSwitch<Operation *>(op)
          .Case([](kernel::MatmulOp op) { emitMatmul(op); })
          .Case([](kernel::MapOp op) { emitMap(op); })
          .Case([](kernel::NormOp op) { emitNorm(op); })
          .Case([](kernel::QuantiseOp op) { emitQuantise(op); })
          .Case([](kernel::AttentionOp op) { emitAttention(op); })
          .Case([](kernel::RandomFeaturesOp op) { emitRandomFeatures(op); })
          .Case([](kernel::LinearAttentionOp op) { emitLinearAttention(op); })
          .Case([](kernel::GridAttentionOp op) { emitGridAttention(op); })
          .Case([](kernel::HeadMatmulOp op) { emitHeadMatmul(op); })
          .Case([](kernel::ScoreAttentionOp op) { emitScoreAttention(op); })
          .Case([](kernel::EmbedOp op) { emitEmbed(op); })
          .Case([](kernel::PatchesOp op) { emitPatches(op); })
          .Case([](kernel::TypesOp op) { emitTypes(op); })
          .Case([](kernel::UnfoldOp op) { emitUnfold(op); })
          .Case([](kernel::DepthwiseOp op) { emitDepthwise(op); })
          .Case([](kernel::ShortConvOp op) { emitShortConv(op); })
          .Case([](kernel::MixOp op) { emitMix(op); })
          .Case([](kernel::PrependOp op) { emitPrepend(op); })
          .Case([](kernel::GatherOp op) { emitGather(op); })
          .Case([](kernel::JoinHeadsOp op) { emitJoinHeads(op); })
          .Case([](kernel::PoolOp op) { emitPool(op); })
          .Case([](kernel::TapOp op) { emitTap(op); })
          .Case([](kernel::TapWeightsOp op) { emitTapWeights(op); })
          .Case([](kernel::LeaveOp op) { emitLeave(op); })
          .Case([](kernel::RouteOp op) { emitRoute(op); })
          .Case([](kernel::ListRowsOp op) { emitListRows(op); })
          .Case([](kernel::TakeRowsOp op) { emitTakeRows(op); })
          .Case([](kernel::AddRowsOp op) { emitAddRows(op); });
  }
};

} // namespace

std::unique_ptr<Pass> kernels::createEmitLoops() {
  return std::make_unique<EmitLoops>();
}
