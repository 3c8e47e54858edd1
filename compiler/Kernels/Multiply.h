// The arithmetic of a matmul's register tile: a file for each number format.
#ifndef COMPILER_KERNELS_MULTIPLY_H
#define COMPILER_KERNELS_MULTIPLY_H

#include "compiler/Kernels/Emitter.h"

namespace kernels {

/// Steps of a tile's loop over K for each index of a panel's second dimension:
/// the lines of words of a group of integers.
int64_t stepsPerIndex(kernel::Format format);

/// The part of the next panel that a tile brings into the cache while it
/// multiplies, so that the first tile there does not wait for memory.
struct Ahead {
  mlir::Value first; ///< word of that panel
  mlir::Value share; ///< words a line
  int64_t lines = 0; ///< a step of the loop over K; 0: the tile brings nothing

  static int64_t linesOf(mlir::Value weight, kernel::Format format);
  /// Of tile `tile` of `tiles` with the same panel.
  static Ahead of(Emitter &e, mlir::Value weight, kernel::Format format,
                  mlir::Value tile, mlir::Value tiles);
};

/// `rows` x `vectors` sums, `row` and the next with panel `panel` of the
/// weight.
struct Tile {
  mlir::Value input, weight; ///< buffers
  mlir::Value row, panel;
  int64_t rows;
  int64_t vectors, lanes;
  kernel::DotAttr dot; ///< for integers
  int64_t depth;       ///< elements of a row that are multiplied
  mlir::Value first;   ///< of them; null: the row's first
  Ahead ahead;

  Tile(mlir::Value input, mlir::Value weight, mlir::Value row,
       mlir::Value panel, int64_t rows, kernel::ScheduleAttr schedule)
      : input(input), weight(weight), row(row), panel(panel), rows(rows),
        vectors(schedule.getVectors()), lanes(schedule.getLanes()),
        dot(schedule.getDot()), depth(dimOf(input, 1)) {}

  int64_t width() const { return vectors * lanes; }
  llvm::SmallVector<mlir::Value> rowIndices(Emitter &e) const;
  /// The row's element that meets the weight's element k.
  mlir::Value column(Emitter &e, mlir::Value k) const;
  /// One vector of zeros for each sum.
  llvm::SmallVector<mlir::Value> zeros(Emitter &e) const;
  /// The lines of `ahead` that belong to a step of the loop over K.
  void fetch(Emitter &e, mlir::Value step) const;
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

/// The one for a weight of this format and these rows.
Multiply multiplyOf(kernel::Format format, mlir::Value input);

/// Calls `body` with the height and the first row of each tile: whole ones in a
/// loop, then what is left of the rows as one of just so many.
void forTiles(Emitter &e, mlir::Value count, int64_t height,
              llvm::function_ref<void(int64_t rows, mlir::Value row)> body);

} // namespace kernels

#endif // COMPILER_KERNELS_MULTIPLY_H
