// What the verifiers of this dialect's ops share.
#ifndef DIALECTS_KERNEL_VERIFY_H
#define DIALECTS_KERNEL_VERIFY_H

#include "dialects/Kernel/Kernel.h"

#include "llvm/ADT/APFloat.h"

namespace kernel {

inline int64_t dimOf(mlir::Value value, unsigned dim) {
  return llvm::cast<mlir::ShapedType>(value.getType()).getDimSize(dim);
}
inline int64_t widthOf(mlir::Value rows) { return dimOf(rows, 1); }

/// The one destination of an op and its width.
mlir::LogicalResult verifyDestination(mlir::Operation *op,
                                      mlir::ValueRange inits, int64_t width);
mlir::LogicalResult verifyFinite(mlir::Operation *op, llvm::StringRef what,
                                 const llvm::APFloat &value);

/// Constraints of taps of rows that are not those of the caller's step.
template <class Op> mlir::LogicalResult verifyMade(Op op) {
  bool led = !op.getFirsts().empty();
  if (led != op.getCapacity().has_value())
    return op.emitOpError(
        led ? "has firsts but not the capacity of the step that they lead to"
            : "has a capacity but no firsts that lead to another step");
  int64_t skip = op.getSkip();
  if (skip < 0)
    return op.emitOpError() << "skips " << skip << " rows";
  if ((led || skip) && !op.getTap().getMade())
    return op.emitOpError("hands out rows that are made, the tap those that "
                          "go in");
  return mlir::success();
}

} // namespace kernel

#endif // DIALECTS_KERNEL_VERIFY_H
