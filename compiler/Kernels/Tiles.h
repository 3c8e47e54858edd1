// A tile of rows x vectors between a kernel's arithmetic and memory: the
// operands that its region reads, and where its results go.
#ifndef COMPILER_KERNELS_TILES_H
#define COMPILER_KERNELS_TILES_H

#include "compiler/Kernels/Emitter.h"

namespace kernels {

/// The operands of a region besides the accumulators.
struct Extras {
  mlir::SmallVector<mlir::Value> buffers;
  mlir::ArrayAttr accesses;
  int64_t period;        ///< of `positions` operands; 0: none
  int64_t shift = 0;     ///< of the rows' positions, see kernel.map
  mlir::Value positions; ///< buffer of the rows' positions

  /// Vectors of `lanes` elements of each operand that `region` uses; null
  /// where it does not. `mask` may be null.
  mlir::SmallVector<mlir::Value> load(Emitter &e, mlir::Region &region,
                                      unsigned firstArgument, mlir::Value row,
                                      mlir::Value column, int64_t lanes,
                                      mlir::Value mask = {}) const;
};

/// Where a part of the columns goes.
struct Destination {
  kernel::Target target;
  int64_t columns;         ///< of the part
  mlir::Value rows;        ///< buffer [capacity, columns], for Target::Rows
  mlir::Value step;        ///< for the caches
  mlir::Value positions;   ///< for the caches
  mlir::Value slot;        ///< byte offset of this attention in a cache
  kernel::CacheAttr cache; ///< not of int8

  /// Stores rows[i][j], vectors of `lanes` from (row + i, column + j * lanes);
  /// with `partial` only the columns below `columns`.
  void store(Emitter &e, llvm::ArrayRef<mlir::SmallVector<mlir::Value>> rows,
             mlir::Value row, mlir::Value column, int64_t lanes,
             bool partial) const;

private:
  void storeKeys(Emitter &e, mlir::Value tile, int64_t count, mlir::Value row,
                 mlir::Value column, mlir::Value valid) const;
  void storeValues(Emitter &e, mlir::Value tile, int64_t count, mlir::Value row,
                   mlir::Value column, mlir::Value valid) const;
};

/// Stores tile[i][j], vectors of `lanes`, to `rows` from (row + i, column + j *
/// lanes) on; columns from `end` on, if there is one, stay as they are.
void storeTile(Emitter &e, llvm::ArrayRef<mlir::SmallVector<mlir::Value>> tile,
               mlir::Value rows, mlir::Value row, mlir::Value column,
               int64_t lanes, mlir::Value end = {});

/// sums[i, j] += left(i, k) * right(k, j), k ascending to `depth`: rows x
/// vectors of `lanes`, a scalar of the left times a vector of the right.
mlir::SmallVector<mlir::Value>
multiplyTile(Emitter &e, mlir::Value depth, int64_t rows, int64_t vectors,
             int64_t lanes, mlir::ValueRange sums,
             llvm::function_ref<mlir::Value(int64_t i, mlir::Value k)> left,
             llvm::function_ref<mlir::Value(mlir::Value k, int64_t j)> right);

/// The buffer of positions, one int32 a row.
mlir::Value positionsOf(mlir::OpBuilder &b, mlir::Location loc,
                        mlir::Value step, int64_t capacity);

/// The buffer of how many keys each row sees, with a prefix.
mlir::Value limitsOf(mlir::OpBuilder &b, mlir::Location loc, mlir::Value step,
                     int64_t capacity);

/// Replaces `op`, of queries from rows of that many heads, by one parallel loop
/// over heads and tiles of rows. `body` writes a function of the head, the row
/// and the rows that its sequence holds (or its source, `ofSources`), in this
/// order, given the positions; it sees the op's operands and `buffers`.
void forHeads(
    mlir::Operation *op, llvm::StringRef name, mlir::Value step,
    mlir::Value query, int64_t heads, llvm::ArrayRef<mlir::Value> buffers,
    bool ofSources,
    llvm::function_ref<void(KernelFunction &, mlir::Value positions)> body);

/// Replaces `op`, of `input` rows, by one parallel loop over the sequences and
/// so many parts of what is done to them. `body` writes a function of the part,
/// the sequence's first row and its end, in this order, given the positions; it
/// sees the op's operands and `buffers`.
void forSequences(
    mlir::Operation *op, llvm::StringRef name, mlir::Value step,
    mlir::Value input, int64_t parts, llvm::ArrayRef<mlir::Value> buffers,
    llvm::function_ref<void(KernelFunction &, mlir::Value positions)> body);

/// Divides by a number that is the same for all columns; by 0 it gives 0.
class Quotient {
public:
  Quotient(Emitter &e, mlir::Value number);
  mlir::Value of(Emitter &e, mlir::Value vector) const;

private:
  mlir::Value divisor, isZero;
};
/// A number of rows as a divisor.
mlir::Value asReal(Emitter &e, mlir::Value count);

} // namespace kernels

#endif // COMPILER_KERNELS_TILES_H
