// The data section of a weights file: all copies of all weights where the
// layout puts them, zeros between.
#ifndef COMPILER_WEIGHTS_DATASECTION_H
#define COMPILER_WEIGHTS_DATASECTION_H

#include "compiler/Weights/OutputFile.h"
#include "compiler/Weights/WeightsFile.h"

namespace weights {

/// Writes it to the file; its checksum.
llvm::Expected<uint64_t> writeData(OutputFile &file, const Layout &layout,
                                   const TensorSource &source,
                                   Progress progress);

} // namespace weights

#endif // COMPILER_WEIGHTS_DATASECTION_H
