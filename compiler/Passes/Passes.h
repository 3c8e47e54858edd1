// Passes between the transformer dialect and loops, one a file.
#ifndef COMPILER_PASSES_PASSES_H
#define COMPILER_PASSES_PASSES_H

#include "compiler/Weights/Layout.h"
#include "dialects/Kernel/Kernel.h"

#include "mlir/Pass/Pass.h"

namespace passes {

/// Element-wise maps move into the matmul that feeds them.
std::unique_ptr<mlir::Pass> createFuseEpilogues();
/// Matmuls of the same rows become one: Q, K and V.
std::unique_ptr<mlir::Pass> createMergeMatmuls();
/// A norm that feeds one matmul becomes its first row pass.
std::unique_ptr<mlir::Pass> createFuseNorms();
/// What a loop carries is written where it was read from.
std::unique_ptr<mlir::Pass> createWriteLoopResults();
/// Kernels get names, by their layers.
std::unique_ptr<mlir::Pass> createNameKernels();
/// Kernels named in the module's `schedulesAttrName` get the schedules there.
std::unique_ptr<mlir::Pass> createChooseSchedules();
/// Packed weights get their places in the weights file.
std::unique_ptr<mlir::Pass> createLayOutWeights();
/// Intermediates get their places in the scratch buffer.
std::unique_ptr<mlir::Pass> createPlanMemory();
/// Kernels of a module with `profileAttrName` report when they begin and end.
std::unique_ptr<mlir::Pass> createInstrumentKernels();
/// Parallel loops become functions of a range.
std::unique_ptr<mlir::Pass> createOutlineParallelLoops();

/// The weights file that `lay-out-weights` planned for a module.
weights::Layout layoutOf(mlir::ModuleOp module);

/// On a module: {<kernel> = {rows = R, vectors = V, at = loc(...)}}.
inline constexpr llvm::StringLiteral schedulesAttrName = "kernel.schedules";

/// On a module whose kernels shall report their times.
inline constexpr llvm::StringLiteral profileAttrName = "kernel.profile";

/// Attributes that the passes leave for code generation.
inline constexpr llvm::StringLiteral scratchBytesAttrName =
    "kernel.scratch_bytes";
inline constexpr llvm::StringLiteral layoutAttrName = "kernel.layout";

} // namespace passes

#endif // COMPILER_PASSES_PASSES_H
