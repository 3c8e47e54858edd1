// The pass `emit-loops`: kernel ops on buffers become scf, vector and memref.
#ifndef COMPILER_KERNELS_EMITLOOPS_H
#define COMPILER_KERNELS_EMITLOOPS_H

#include "mlir/Pass/Pass.h"

namespace kernels {

/// Register tiles of attention that take a block of keys in turn: a step's
/// tiles of rows are so many times as high.
inline constexpr int64_t registerTiles = 4;

std::unique_ptr<mlir::Pass> createEmitLoops();

} // namespace kernels

#endif // COMPILER_KERNELS_EMITLOOPS_H
