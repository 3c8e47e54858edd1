// The constant tc_model of an object.
#ifndef COMPILER_EMIT_DESCRIPTION_H
#define COMPILER_EMIT_DESCRIPTION_H

#include "compiler/Emit/Object.h"

namespace emit {

/// Adds `<name>_model`, external and constant, whose step is the function
/// `<name>_step` of the module.
void addDescription(llvm::Module &module, const ModelDescription &model);

} // namespace emit

#endif // COMPILER_EMIT_DESCRIPTION_H
