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

void pipeline::registerPasses() {
  for (auto create : {lowering::createLowerToKernel,
                      passes::createFuseEpilogues, passes::createMergeMatmuls,
                      passes::createFuseNorms, passes::createLayOutWeights,
                      passes::createPlanMemory, kernels::createEmitLoops,
                      passes::createOutlineParallelLoops, createConvertToLLVM})
    registerPass([create] { return create(); });
  static PassPipelineRegistration<> all(
      "compile-transformer", "All stages, from the transformer dialect to LLVM",
      [](OpPassManager &pm) { build(pm); });
}
