// A number for each head and distance from a query to a key, which is added to
// a score.
#ifndef COMPILER_KERNELS_SCOREBIAS_H
#define COMPILER_KERNELS_SCOREBIAS_H

#include "compiler/Kernels/Emitter.h"

namespace kernels {

/// Of a query of `head` at `position`, for 16 keys from `key` on. `table` is
/// the op's bias, with distance 0 in the column `zero`.
mlir::Value loadBias(Emitter &e, mlir::Value table, int64_t zero,
                     mlir::Value head, mlir::Value position, mlir::Value key);

} // namespace kernels

#endif // COMPILER_KERNELS_SCOREBIAS_H
