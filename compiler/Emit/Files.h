// Outputs appear whole or not at all, and programs are linked from them.
#ifndef COMPILER_EMIT_FILES_H
#define COMPILER_EMIT_FILES_H

#include "dialects/Kernel/Kernel.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace emit {

/// Writes a temporary file beside `path`, syncs it and renames it.
llvm::Error writeFile(llvm::StringRef path, llvm::StringRef bytes);

/// Links objects and the runtime's libraries (in `libraries`) to a program,
/// with the C compiler of the target.
llvm::Error linkProgram(llvm::StringRef path,
                        llvm::ArrayRef<llvm::StringRef> objects,
                        llvm::StringRef libraries, kernel::MachineAttr machine);

} // namespace emit

#endif // COMPILER_EMIT_FILES_H
