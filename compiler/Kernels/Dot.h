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

  /// Whether a word takes more than one register or instruction: written out
  /// for all lines of a group they would not fit.
  bool needsLoop() const { return takesHalves() || way() == Way::Signs; }

  /// Factors: words in the form that `add` takes them, one or two vectors.
  using Factors = llvm::SmallVector<mlir::Value, 2>;
  Factors weights(mlir::Value words);
  Factors input(mlir::Value word); ///< one word for all lanes

  /// Sums of a group, from `start` by as many `add` as a group has words to
  /// `finish`. `offset` makes -bias * the sum of the group's inputs, an i32.
  using Offset = llvm::function_ref<mlir::Value()>;
  mlir::Value start(Offset offset);
  mlir::Value add(mlir::Value sums, const Factors &weights,
                  const Factors &input);
  mlir::Value finish(mlir::Value sums, Offset offset);

private:
  /// By what, and in which form.
  enum class Way { Vpdpbusd, Sdot, Nibbles, Signs, Halves, Neon };
  Way way() const;
  bool takesHalves() const {
    return way() == Way::Halves || way() == Way::Neon;
  }
  /// Whether weights are multiplied with their bias.
  bool isBiased() const;
  mlir::Value call(llvm::StringRef intrinsic, mlir::Type element,
                   mlir::ValueRange arguments);
  mlir::Value pairsOfBytes(mlir::Value weights, mlir::Value input);
  mlir::Value pairs(mlir::Value x, mlir::Value y);
  mlir::Value splat16(int16_t value);
  Factors halves(mlir::Value words, bool isSigned);

  Emitter &e;
  kernel::Dot kind;
  int64_t lanes, bias;
};

} // namespace kernels

#endif // COMPILER_KERNELS_DOT_H
