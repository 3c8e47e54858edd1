// What the tools must know before they read a file of any level.
#include "compiler/Kernels/EmitLoops.h"
#include "compiler/Lowering/Lowering.h"
#include "compiler/Passes/Passes.h"
#include "compiler/Pipeline/ConvertToLLVM.h"
#include "compiler/Pipeline/Pipeline.h"
#include "dialects/Kernel/Kernel.h"
#include "dialects/Transformer/Transformer.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/Transforms/SubsetInsertionOpInterfaceImpl.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;
using namespace pipeline;

void pipeline::registerDialects(DialectRegistry &registry) {
  registry.insert<arith::ArithDialect, bufferization::BufferizationDialect,
                  cf::ControlFlowDialect, func::FuncDialect,
                  kernel::KernelDialect, LLVM::LLVMDialect, math::MathDialect,
                  memref::MemRefDialect, scf::SCFDialect, tensor::TensorDialect,
                  transformer::TransformerDialect, vector::VectorDialect>();
  arith::registerBufferizableOpInterfaceExternalModels(registry);
  scf::registerBufferizableOpInterfaceExternalModels(registry);
  tensor::registerBufferizableOpInterfaceExternalModels(registry);
  tensor::registerSubsetOpInterfaceExternalModels(registry);
  kernel::registerBufferization(registry);
}

namespace {

constexpr Stage stagesInOrder[] = {Stage::SimplifyModel, Stage::ChooseKernels,
                                   Stage::AssignMemory, Stage::EmitLoops,
                                   Stage::LowerToLLVM};

/// A file of any level goes on from there:
/// compile-transformer{from=emit-loops}.
struct StageOptions : PassPipelineOptions<StageOptions> {
  static llvm::cl::OptionEnumValue word(Stage stage) {
    return {nameOf(stage), static_cast<int>(stage), ""};
  }
  static llvm::cl::ValuesClass words() {
    return llvm::cl::values(word(Stage::SimplifyModel),
                            word(Stage::ChooseKernels),
                            word(Stage::AssignMemory), word(Stage::EmitLoops),
                            word(Stage::LowerToLLVM));
  }
  Option<Stage> from{*this, "from", llvm::cl::desc("First stage"),
                     llvm::cl::init(Stage::SimplifyModel), words()};
  Option<Stage> until{*this, "until", llvm::cl::desc("Last stage"),
                      llvm::cl::init(Stage::LowerToLLVM), words()};
};

} // namespace

void pipeline::registerPasses() {
  for (auto create : {lowering::createLowerToKernel,
                      passes::createFuseEpilogues, passes::createMergeMatmuls,
                      passes::createFuseNorms, passes::createWriteLoopResults,
                      passes::createNameKernels, passes::createChooseSchedules,
                      passes::createLayOutWeights, passes::createPlanMemory,
                      passes::createInstrumentKernels, kernels::createEmitLoops,
                      passes::createOutlineParallelLoops, createConvertToLLVM})
    registerPass([create] { return create(); });
  static PassPipelineRegistration<StageOptions> all(
      "compile-transformer", "Stages from the transformer dialect to LLVM",
      [](OpPassManager &pm, const StageOptions &options) {
        Stage first = options.from, last = options.until;
        for (Stage stage : stagesInOrder)
          if (first <= stage && stage <= last)
            buildStage(pm, stage);
      });
}
