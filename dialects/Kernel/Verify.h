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

} // namespace kernel

#endif // DIALECTS_KERNEL_VERIFY_H
