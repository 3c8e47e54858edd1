// What windows see of a step's rows, for kernels that make a row of each.
#ifndef COMPILER_KERNELS_WINDOWROWS_H
#define COMPILER_KERNELS_WINDOWROWS_H

#include "compiler/Kernels/Emitter.h"

namespace kernels {

/// Whether 0 <= i < n; the words of a negative number are large.
mlir::Value inside(Emitter &e, mlir::Value i, mlir::Value n);

/// The buffers of a kernel over windows, and where its rows' windows lie.
class WindowRows {
public:
  template <class Op> static WindowRows of(mlir::OpBuilder &b, Op op) {
    return WindowRows(b, op.getLoc(), op.getStep(), op.getMade(),
                      dimOf(op.getInput(), 0), dimOf(op.getInits()[0], 0),
                      op.getFirsts(), op.getWindows());
  }

  /// What functions that ask for windows need beside the op's operands.
  llvm::SmallVector<mlir::Value> buffers() const {
    return {made, positions, rows};
  }

  /// A window: its place in the input's rows of its sequence, which begin with
  /// row `first`. `top` and `left` may be negative; without a grid there is one
  /// line, and no `top`.
  struct Window {
    mlir::Value first, top, left;
    /// The input's row of the window's first place, if it is there.
    mlir::Value origin;
  };

  /// The position of a row among those of its sequence.
  mlir::Value positionOf(Emitter &e, KernelFunction &f, mlir::Value row) const;
  /// The window of a row at that position, which is not below `skip`.
  Window at(Emitter &e, KernelFunction &f, mlir::Value row,
            mlir::Value position) const;
  /// Whether the input has a row there, for rows that lie on no grid: those
  /// behind a sequence have other positions than it would give.
  mlir::Value sees(Emitter &e, KernelFunction &f, mlir::Value row,
                   mlir::Value column) const;

  kernel::WindowsAttr windows;

private:
  WindowRows(mlir::OpBuilder &b, mlir::Location loc, mlir::Value step,
             mlir::Value madeStep, int64_t capacity, int64_t madeCapacity,
             mlir::Value firsts, kernel::WindowsAttr windows);

  mlir::Value firsts; ///< null: windows are as many as rows
  mlir::Value made, positions, rows;
};

} // namespace kernels

#endif // COMPILER_KERNELS_WINDOWROWS_H
