// The table of contents of the compiler.
#include "compiler/Pipeline/Pipeline.h"

#include "compiler/Kernels/EmitLoops.h"
#include "compiler/Lowering/Lowering.h"
#include "compiler/Passes/Passes.h"
#include "compiler/Pipeline/ConvertToLLVM.h"

#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace pipeline;

static void cleanUp(OpPassManager &pm) {
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

/// transformer -> transformer: folded, without what nobody reads.
static void simplifyModel(OpPassManager &pm) { cleanUp(pm); }

/// transformer -> kernel, destination style on tensors. From here on every op
/// writes into a destination; a transformer op that survives is an error.
static void chooseKernels(OpPassManager &pm) {
  pm.addPass(lowering::createLowerToKernel());
  pm.addNestedPass<func::FuncOp>(passes::createFuseEpilogues());
  pm.addNestedPass<func::FuncOp>(passes::createMergeMatmuls());
  pm.addNestedPass<func::FuncOp>(passes::createFuseNorms());
  pm.addNestedPass<func::FuncOp>(passes::createWriteLoopResults());
  pm.addNestedPass<func::FuncOp>(passes::createNameKernels());
  pm.addPass(passes::createChooseSchedules());
  // Not CSE: it would make one destination of many.
  pm.addPass(createCanonicalizerPass());
}

/// kernel on tensors -> kernel on buffers: weights have places in the weights
/// file, intermediates in the caller's scratch.
static void assignMemory(OpPassManager &pm) {
  pm.addPass(passes::createLayOutWeights());
  pm.addPass(bufferization::createEmptyTensorEliminationPass());
  bufferization::OneShotBufferizePassOptions options;
  options.allowUnknownOps = true;
  pm.addPass(bufferization::createOneShotBufferizePass(options));
  cleanUp(pm);
  pm.addNestedPass<func::FuncOp>(passes::createPlanMemory());
  cleanUp(pm);
  pm.addPass(passes::createInstrumentKernels());
}

/// kernel -> scf, vector, memref: parallel loops as functions of a range.
static void emitLoops(OpPassManager &pm) {
  pm.addPass(kernels::createEmitLoops());
  pm.addPass(passes::createOutlineParallelLoops());
  cleanUp(pm);
}

/// Everything -> llvm.
static void lowerToLLVM(OpPassManager &pm) {
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createConvertToLLVM());
  pm.addPass(createReconcileUnrealizedCastsPass());
  cleanUp(pm);
}

namespace {
struct Entry {
  Stage stage;
  const char *name;
  void (*build)(OpPassManager &);
};
} // namespace

static const Entry stages[] = {
    {Stage::SimplifyModel, "simplify-model", simplifyModel},
    {Stage::ChooseKernels, "choose-kernels", chooseKernels},
    {Stage::AssignMemory, "assign-memory", assignMemory},
    {Stage::EmitLoops, "emit-loops", emitLoops},
    {Stage::LowerToLLVM, "lower-to-llvm", lowerToLLVM},
};

llvm::StringRef pipeline::nameOf(Stage stage) {
  return stages[static_cast<size_t>(stage)].name;
}

std::optional<Stage> pipeline::stageOf(llvm::StringRef name) {
  for (const Entry &entry : stages)
    if (name == entry.name)
      return entry.stage;
  return std::nullopt;
}

void pipeline::buildStage(OpPassManager &pm, Stage stage) {
  stages[static_cast<size_t>(stage)].build(pm);
}

void pipeline::build(OpPassManager &pm, Stage last) {
  for (const Entry &entry : stages)
    if (entry.stage <= last)
      entry.build(pm);
}
