// The arithmetic of a matmul's register tile: a file for each number format.
#ifndef COMPILER_KERNELS_MULTIPLY_H
#define COMPILER_KERNELS_MULTIPLY_H

#include "compiler/Kernels/Emitter.h"

namespace kernels {

/// `rows` x `vectors` sums, `row` and the next with panel `panel` of the
/// weight.
struct Tile {
  mlir::Value input, weight; ///< buffers
  mlir::Value row, panel;
  int64_t rows;
  int64_t vectors, lanes;
  kernel::DotAttr dot; ///< for integers

  Tile(mlir::Value input, mlir::Value weight, mlir::Value row,
       mlir::Value panel, int64_t rows, kernel::ScheduleAttr schedule)
      : input(input), weight(weight), row(row), panel(panel), rows(rows),
        vectors(schedule.getVectors()), lanes(schedule.getLanes()),
        dot(schedule.getDot()) {}

  int64_t width() const { return vectors * lanes; }
  llvm::SmallVector<mlir::Value> rowIndices(Emitter &e) const;
  /// One vector of zeros for each sum.
  llvm::SmallVector<mlir::Value> zeros(Emitter &e) const;
};

/// The sums over all of K, row after row: vectors of `lanes` f32.
using Multiply = llvm::SmallVector<mlir::Value> (*)(Emitter &, const Tile &);

llvm::SmallVector<mlir::Value> multiplyF32(Emitter &e, const Tile &tile);
/// Weights of bf16, rows of f32: extended, then as f32.
llvm::SmallVector<mlir::Value> multiplyBf16(Emitter &e, const Tile &tile);
/// Weights and rows of bf16.
llvm::SmallVector<mlir::Value> multiplyPairs(Emitter &e, const Tile &tile);
/// Weights and rows of integers in groups.
llvm::SmallVector<mlir::Value> multiplyInt8(Emitter &e, const Tile &tile);
llvm::SmallVector<mlir::Value> multiplyInt4(Emitter &e, const Tile &tile);

/// The one for the formats of this matmul's weight and rows.
Multiply multiplyOf(kernel::MatmulOp op);

} // namespace kernels

#endif // COMPILER_KERNELS_MULTIPLY_H
