// Matrices of heads that are multiplied by themselves.
#ifndef COMPILER_WEIGHTS_HEADS_H
#define COMPILER_WEIGHTS_HEADS_H

#include "compiler/Weights/Layout.h"
#include "compiler/Weights/TensorSource.h"

namespace weights {

/// Rows of a part with the origin `Heads` or `HeadsTransposed`: the tensor
/// `name` of the source.
llvm::Expected<std::unique_ptr<RowReader>>
makeHeads(const Part &part, llvm::StringRef name, const TensorSource &source);

} // namespace weights

#endif // COMPILER_WEIGHTS_HEADS_H
