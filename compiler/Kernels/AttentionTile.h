// A tile of attention: some queries that share a head of keys.
#ifndef COMPILER_KERNELS_ATTENTIONTILE_H
#define COMPILER_KERNELS_ATTENTIONTILE_H

#include "compiler/Kernels/RunningSoftmax.h"

namespace kernels {

/// Queries of a tile in the runtime's list, by number: heads of the group
/// first, then rows.
struct Queries {
  mlir::Value group; ///< head of keys
  mlir::Value row;   ///< the tile's first row
  mlir::Value first; ///< number of the first query
  mlir::Value count; ///< how many
  mlir::Value known; ///< rows that the sequence holds
  /// With room for partial results: chunks, and 1 if their results are partial.
  mlir::Value fromChunk = {}, toChunk = {}, partial = {};

  static Queries fromExtras(KernelFunction &f, kernel::AttentionOp op);
  static unsigned extras(kernel::AttentionOp op);
  mlir::SmallVector<mlir::Value> values() const;
};

/// A function of Queries: at most `registers` register tiles of `height`.
/// `limits` is null without a prefix.
KernelFunction attentionTile(kernel::AttentionOp op, mlir::Value positions,
                             mlir::Value limits, int64_t height,
                             int64_t registers);

/// Where the partial result of a query (row, head) for a chunk lies.
RunningSoftmax partialOf(Emitter &e, kernel::AttentionOp op,
                         mlir::Value partials, mlir::Value row,
                         mlir::Value head, mlir::Value chunk);

} // namespace kernels

#endif // COMPILER_KERNELS_ATTENTIONTILE_H
