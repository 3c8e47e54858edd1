// Which rows kernels work on.
#ifndef COMPILER_PASSES_STEPS_H
#define COMPILER_PASSES_STEPS_H

#include "dialects/Kernel/Kernel.h"

namespace passes {

/// The step whose rows a kernel writes; null if it has none.
mlir::Value stepOf(mlir::Operation *kernel);

} // namespace passes

#endif // COMPILER_PASSES_STEPS_H
