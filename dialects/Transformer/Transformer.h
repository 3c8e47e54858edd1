// The `transformer` dialect: layers as pure functions on tensors of rows.
#ifndef DIALECTS_TRANSFORMER_TRANSFORMER_H
#define DIALECTS_TRANSFORMER_TRANSFORMER_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir {
class PatternRewriter;
namespace func {
class FuncOp;
} // namespace func
} // namespace mlir

#include "dialects/Transformer/TransformerDialect.h.inc"

#include "dialects/Transformer/TransformerEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/Transformer/TransformerAttrs.h.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/Transformer/TransformerTypes.h.inc"

namespace transformer {

/// How windows lie on places in a line.
struct Windows {
  int64_t size, stride, pad;

  /// How many there are; 0: none fits.
  int64_t on(int64_t places) const {
    int64_t room = places + 2 * pad - size;
    return room < 0 ? 0 : room / stride + 1;
  }
  /// Whether there are as many as places, of any number.
  bool keeps() const { return stride == 1 && 2 * pad == size - 1; }
};

} // namespace transformer

#define GET_OP_CLASSES
#include "dialects/Transformer/TransformerOps.h.inc"

namespace transformer {

/// On the decoder of an encoder-decoder: the symbol of its encoder.
inline constexpr llvm::StringLiteral encoderAttrName = "transformer.encoder";

/// The encoder of a model's function; null where it has none.
mlir::func::FuncOp encoderOf(mlir::func::FuncOp model);

/// In a decoder the rows of the source, and what the encoder makes of them.
mlir::Value sourceOf(mlir::func::FuncOp decoder);
mlir::Value memoryOf(mlir::func::FuncOp decoder);

/// The input of a model's function; null where its rows are queries.
mlir::Value inputOf(mlir::func::FuncOp model);

/// The rows that x is a matrix of: what the last op with another number of rows
/// has made, else the model's own.
mlir::Value rowsOf(mlir::Value x);

/// The most of a sequence's rows; those that are put before them are some.
int64_t contextOf(mlir::Value rows);

/// How many rows ops behind `op` (null: all) put before each sequence of them.
int64_t prependedTo(mlir::Value rows, mlir::Operation *op = nullptr);

/// Whether it is a matrix of as many rows as a step has, no parameter.
bool areRows(mlir::Value value);

} // namespace transformer

#endif // DIALECTS_TRANSFORMER_TRANSFORMER_H
