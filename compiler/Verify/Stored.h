// What the formats of a model's matrices leave of their values.
#ifndef COMPILER_VERIFY_STORED_H
#define COMPILER_VERIFY_STORED_H

#include "compiler/Reference/Evaluate.h"

namespace verify {

/// Whether a matrix of the model has a format, and whether one is of integers,
/// which round the rows that they meet.
bool hasFormats(mlir::func::FuncOp model);
bool hasIntegers(mlir::func::FuncOp model);

/// Matrices with a format are encoded as for a weights file and read back by
/// the sentences of compiler/Weights/Layout.h; a value that comes back further
/// away than its format explains is an error.
reference::Weights asStored(mlir::func::FuncOp model,
                            reference::Weights weights);

} // namespace verify

#endif // COMPILER_VERIFY_STORED_H
