// CPUs as rows of a table: what a register tile may be on each.
#ifndef COMPILER_TARGET_TARGET_H
#define COMPILER_TARGET_TARGET_H

#include "dialects/Kernel/Kernel.h"

#include "llvm/Support/Error.h"

namespace target {

/// The target for a triple ("" = this machine's) and a CPU ("native", "" or a
/// name that LLVM knows). Errors: unknown triple or CPU, with the nearest
/// names; a CPU without the vector instructions that kernels need.
llvm::Expected<kernel::MachineAttr> describe(mlir::MLIRContext &context,
                                             llvm::StringRef triple,
                                             llvm::StringRef cpu);

/// The TC_CPU_* bits of runtime/abi.h that code for this target needs.
uint32_t requiredFeatures(kernel::MachineAttr machine);

/// The LLVM CPU whose instructions are, with the machine's `features`, those of
/// requiredFeatures: code for this target has no others, whatever its CPU could
/// do more.
llvm::StringRef instructionSet(kernel::MachineAttr machine);

} // namespace target

#endif // COMPILER_TARGET_TARGET_H
