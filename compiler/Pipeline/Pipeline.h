// The way of a model from the transformer dialect to LLVM, as named stages.
#ifndef COMPILER_PIPELINE_PIPELINE_H
#define COMPILER_PIPELINE_PIPELINE_H

#include "mlir/Pass/PassManager.h"

#include <optional>

namespace pipeline {

/// The stages, in order; their names are the words of `--until=`.
enum class Stage {
  SimplifyModel, ///< "simplify-model": transformer
  ChooseKernels, ///< "choose-kernels": kernel on tensors
  AssignMemory,  ///< "assign-memory": kernel on buffers
  EmitLoops,     ///< "emit-loops": scf, vector, memref
  LowerToLLVM,   ///< "lower-to-llvm": the LLVM dialect
};

llvm::StringRef nameOf(Stage stage);
std::optional<Stage> stageOf(llvm::StringRef name);

/// Passes of all stages up to and including `last`.
void build(mlir::OpPassManager &pm, Stage last = Stage::LowerToLLVM);
/// Passes of one stage.
void buildStage(mlir::OpPassManager &pm, Stage stage);

/// Dialects of all levels, with what bufferization and inlining need.
void registerDialects(mlir::DialectRegistry &registry);
/// Our passes and the pipeline `compile-transformer`, for transformer-opt.
void registerPasses();

} // namespace pipeline

#endif // COMPILER_PIPELINE_PIPELINE_H
