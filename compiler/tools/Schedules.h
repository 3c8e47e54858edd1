// The file of --schedule: a register tile for each kernel that it names.
#ifndef COMPILER_TOOLS_SCHEDULES_H
#define COMPILER_TOOLS_SCHEDULES_H

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/Support/Error.h"

namespace tool {

/// What `choose-schedules` reads off a module, with the places in the file. An
/// error without a text has been printed where it arose.
llvm::Expected<mlir::DictionaryAttr> readSchedules(mlir::MLIRContext &context,
                                                   llvm::StringRef path);

} // namespace tool

#endif // COMPILER_TOOLS_SCHEDULES_H
