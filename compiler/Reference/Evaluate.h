// What a model computes, in double precision and plain loops: the oracle that
// compiled programs are compared with.
#ifndef COMPILER_REFERENCE_EVALUATE_H
#define COMPILER_REFERENCE_EVALUATE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace reference {

/// Rows of some sequences, one sequence after the other.
struct Matrix {
  int64_t width = 0;
  std::vector<int64_t> lengths; ///< rows of each sequence
  std::vector<double> values;   ///< row by row

  int64_t rows() const { return values.size() / width; }
  double *row(int64_t index) { return values.data() + index * width; }
  const double *row(int64_t index) const {
    return values.data() + index * width;
  }
};

enum class Outputs { All, Last };

/// Whole sequences from their first row on.
struct Input {
  std::vector<std::vector<int32_t>> sequences; ///< of tokens
  std::vector<std::vector<int32_t>> sources;   ///< of an encoder-decoder
  std::vector<float> images;      ///< one after the other, for models of images
  Outputs outputs = Outputs::All; ///< of unpooled models
  /// Of each sequence the values of its rows, for models of rows of reals.
  std::vector<std::vector<float>> rows = {};
  /// The sources of an encoder-decoder that reads rows, or images.
  std::vector<std::vector<float>> sourceRows = {};
  std::vector<float> sourceImages = {};
  std::vector<int64_t> prefixes = {}; ///< first rows of each sequence that see
                                      ///< each other; none if it is empty
  /// Of each sequence or image the types of its rows; all 0 if it is empty.
  std::vector<std::vector<int32_t>> types = {};
};

/// The parameter of that name, in which no {i} is left, row by row. A vector is
/// asked for as `rows` rows of one column.
using Weights = std::function<llvm::Expected<std::vector<float>>(
    llvm::StringRef name, int64_t rows, int64_t columns)>;

/// Gets the result of every op that makes rows, as it is made. `indices` are
/// those of the loops around it, the innermost first.
using Observer =
    std::function<void(mlir::Operation *op, llvm::ArrayRef<int64_t> indices,
                       const Matrix &result)>;

/// What happens to rows that meet a matrix with a format.
enum class Activations {
  Exact,         ///< nothing
  Rounded,       ///< where it is int8 or int4, each 32 neighbours x become
                 ///< s * round(x / s) with s = max |x| / 127
  RoundedToBf16, ///< the same, and where it is bf16 the nearest bf16
};

/// What happens to keys and values before queries meet them.
enum class Cached {
  Exact, ///< nothing
  Bf16,  ///< they become the nearest bf16
  Int8,  ///< each head of a row becomes integers as `Rounded` has them
};

/// The output rows of the model. The encoder of an encoder-decoder is evaluated
/// first, without being observed.
llvm::Expected<Matrix> evaluate(mlir::func::FuncOp function,
                                const Weights &weights, const Input &input,
                                const Observer &observer = {},
                                Activations activations = Activations::Exact,
                                Cached cached = Cached::Exact);

} // namespace reference

#endif // COMPILER_REFERENCE_EVALUATE_H
