// Compares a compiled model with the evaluation of its layers in float64, layer
// by layer: each by the compiled model that ends there.
#ifndef COMPILER_VERIFY_VERIFY_H
#define COMPILER_VERIFY_VERIFY_H

#include "compiler/Verify/Prefixes.h"
#include "compiler/Verify/Run.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/raw_ostream.h"

namespace verify {

/// One line of the report. Errors are the largest difference as a part of the
/// largest value of the reference.
struct Finding {
  std::string layer;
  double againstF32 = 0; ///< what formats cost, too: from the weights as given
  double error = 0;      ///< from the arithmetic that the formats ask for
  double allowed = 0;    ///< of that
  bool passes() const { return error <= allowed; } ///< false for NaN
};

struct Report {
  std::vector<Finding> findings; ///< in order, the output last
  int64_t rows = 0;              ///< of the output,
  int64_t agreeing = 0;          ///< with f32 on where the largest value is
  bool formats = false;          ///< something is not stored as f32
  bool passes() const;
};

/// Compiles a module of the transformer dialect all the way.
using Compile = llvm::function_ref<llvm::Expected<Compiled>(
    mlir::OwningOpRef<mlir::ModuleOp>)>;

/// Runs the model and its prefixes on pseudo-random input. `packed` becomes
/// their weights files, `exact` goes into the evaluation: two ways to the same
/// values, of which only the first is the compiler's.
llvm::Expected<Report> verify(mlir::func::FuncOp model, Compile compile,
                              const weights::TensorSource &packed,
                              const reference::Weights &exact);

/// As a table.
void print(const Report &report, llvm::raw_ostream &os);

} // namespace verify

#endif // COMPILER_VERIFY_VERIFY_H
