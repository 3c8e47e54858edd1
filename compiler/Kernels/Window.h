// Which keys a row sees through a window.
#ifndef COMPILER_KERNELS_WINDOW_H
#define COMPILER_KERNELS_WINDOW_H

#include "compiler/Kernels/Emitter.h"

namespace kernels {

/// Keys [from, to) that the row at `position` of `known` ones sees; `from` may
/// be negative. `known` is not read with a causal mask.
template <class Op>
std::pair<mlir::Value, mlir::Value>
windowOf(Emitter &e, Op op, mlir::Value position, mlir::Value known) {
  int64_t before = *op.getWindow() - 1, length = op.getSegment().value_or(1);
  mlir::Value segment = position;
  if (length > 1)
    segment = e.sub(position, e.rem(position, length));
  mlir::Value from = e.sub(segment, e.index(before));
  if (op.getMask() == kernel::Mask::Causal)
    return {from, e.add(position, 1)};
  return {from, e.min(e.add(segment, length + before), known)};
}

} // namespace kernels

#endif // COMPILER_KERNELS_WINDOW_H
