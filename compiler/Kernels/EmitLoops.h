// The pass `emit-loops`: kernel ops on buffers become scf, vector and memref.
#ifndef COMPILER_KERNELS_EMITLOOPS_H
#define COMPILER_KERNELS_EMITLOOPS_H

#include "mlir/Pass/Pass.h"

namespace kernels {

std::unique_ptr<mlir::Pass> createEmitLoops();

} // namespace kernels

#endif // COMPILER_KERNELS_EMITLOOPS_H
