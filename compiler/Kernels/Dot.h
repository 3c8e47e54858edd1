// Dot products of bytes, exact in 32 bits whatever the instruction.
#ifndef COMPILER_KERNELS_DOT_H
#define COMPILER_KERNELS_DOT_H

#include "compiler/Kernels/Emitter.h"

namespace kernels {

/// Vectors of `lanes` words of four bytes. In each lane
///
///     sum + sum_i weight[i] * input[i]
///
/// where input bytes are signed, and weight bytes are stored with `bias` added
/// to what they mean (128 or 8).
class Dot {
public:
  Dot(Emitter &e, kernel::Dot kind, int64_t lanes, int64_t bias)
      : e(e), kind(kind), lanes(lanes), bias(bias) {}

  /// Whether weights are multiplied with their bias, so that sums must start
  /// from -bias * sum of the inputs; otherwise from 0.
  bool isBiased() const;

  /// Otherwise bytes are taken apart first.
  bool isOneInstruction() const {
    return kind == kernel::Dot::Vpdpbusd || kind == kernel::Dot::Sdot;
  }

  /// Factors: words in the form that `add` takes them, one or two vectors.
  using Factors = llvm::SmallVector<mlir::Value, 2>;
  Factors weights(mlir::Value words);
  Factors input(mlir::Value word); ///< one word for all lanes
  mlir::Value add(mlir::Value sums, const Factors &weights,
                  const Factors &input);

private:
  mlir::Value call(llvm::StringRef intrinsic, mlir::ValueRange arguments);
  Factors halves(mlir::Value words, bool isSigned);

  Emitter &e;
  kernel::Dot kind;
  int64_t lanes, bias;
};

} // namespace kernels

#endif // COMPILER_KERNELS_DOT_H
