// Which keys a row sees through a window, or beside it.
#ifndef COMPILER_KERNELS_WINDOW_H
#define COMPILER_KERNELS_WINDOW_H

#include "compiler/Kernels/Emitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace kernels {

/// Of 16 keys from `base` on those below `bound`, which may be negative.
inline mlir::Value below(Emitter &e, mlir::Value base, mlir::Value bound) {
  mlir::Value n = e.max(e.sub(bound, base), e.index(0));
  return e.mask(e.min(n, e.index(partials)), partials);
}

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

/// The same where the first rows of a sequence, `sinks` of them, see all.
template <class Op>
std::pair<mlir::Value, mlir::Value>
windowBesideGlobal(Emitter &e, Op op, mlir::Value position, mlir::Value known) {
  auto [from, to] = windowOf(e, op, position, known);
  if (!op.getGlobal())
    return {from, to};
  mlir::Value all = e.less(position, e.index(*op.getSinks()));
  mlir::Value first = e.select(all, e.index(0), from);
  return {first, e.select(all, known, to)};
}

} // namespace kernels

#endif // COMPILER_KERNELS_WINDOW_H
