// What a query knows of the keys that it has seen so far.
#ifndef COMPILER_KERNELS_RUNNINGSOFTMAX_H
#define COMPILER_KERNELS_RUNNINGSOFTMAX_H

#include "compiler/Kernels/Emitter.h"

namespace kernels {

/// A place in row `row` of a buffer, from `column` on: the weighted sum of
/// values [E padded], the 16 partial sums of the weights, the maximum.
struct RunningSoftmax {
  kernel::AttentionOp op;
  mlir::Value buffer, row, column;

  /// Floats of one such place.
  static int64_t width(kernel::AttentionOp op);

  mlir::Value outputAt(Emitter &e, mlir::Value c);
  mlir::Value sumsAt(Emitter &e);
  mlir::Value maximumAt(Emitter &e);

  /// No keys yet.
  void reset(Emitter &e);
  /// Softmax weights of scores relative to `maximum`, a scalar.
  mlir::Value weigh(Emitter &e, mlir::Value scores, mlir::Value maximum);
  /// The maximum becomes `top` where that is much larger, and all else follows.
  void raise(Emitter &e, mlir::Value top);
  /// Takes in the keys that `other` knows. One that knows none changes nothing.
  void merge(Emitter &e, RunningSoftmax other);
  void copy(Emitter &e, RunningSoftmax other);
  /// output / sum, as row `at` of `rows`, the columns of `head`.
  void finish(Emitter &e, mlir::Value rows, mlir::Value at, mlir::Value head);
};

} // namespace kernels

#endif // COMPILER_KERNELS_RUNNINGSOFTMAX_H
