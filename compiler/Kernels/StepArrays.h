// The arrays of a step that generated code makes, one sequence after the other.
#ifndef COMPILER_KERNELS_STEPARRAYS_H
#define COMPILER_KERNELS_STEPARRAYS_H

#include "compiler/Kernels/Emitter.h"

namespace kernels {

/// Buffers as of kernel.made_step.
struct StepArrays {
  mlir::Value positions, tiles, caches;
  int64_t tile; ///< most rows of one

  struct Sequence {
    mlir::Value number, first, rows; ///< indices
    mlir::Value low, high;           ///< words of the pointer to its cache
  };
  /// The rows of a sequence, and its tiles from `tile` on; the number of the
  /// next one. `each` comes first at every row.
  mlir::Value
  put(Emitter &e, const Sequence &sequence, mlir::Value tile,
      llvm::function_ref<void(mlir::Value row)> each = nullptr) const;
};

} // namespace kernels

#endif // COMPILER_KERNELS_STEPARRAYS_H
