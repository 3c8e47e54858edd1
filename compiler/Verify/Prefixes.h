// A model cut short: the same function up to a place between two layers, which
// tells what a layer computes without a tap in generated code.
#ifndef COMPILER_VERIFY_PREFIXES_H
#define COMPILER_VERIFY_PREFIXES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/SmallVector.h"

#include <string>
#include <vector>

namespace verify {

/// A place between layers of the model's own list (or repetitions of a block
/// there), which all that later layers read passes as one value.
struct Cut {
  std::string name;               ///< for people: "embed", "repeat 3 of 12"
  mlir::Operation *last;          ///< op of the function's own block
  int64_t repetitions = 0;        ///< if it is a loop
  mlir::Operation *source;        ///< the op that made the value,
  std::vector<int64_t> iteration; ///< in this round of the loops around it,
                                  ///< innermost first
  bool whole = false;             ///< the model as it is
};

/// In order, the whole model last. Of many repetitions of a block a few are
/// chosen, evenly. A layer before a `prepend` is seen in that one's rows: a
/// sequence has another number of rows before it.
std::vector<Cut> findCuts(mlir::func::FuncOp model);

/// A copy of the model's module in which the model ends at the cut. All rows
/// there become outputs.
mlir::OwningOpRef<mlir::ModuleOp> makePrefix(mlir::func::FuncOp model,
                                             const Cut &cut);

} // namespace verify

#endif // COMPILER_VERIFY_PREFIXES_H
