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

/// Whether it is a matrix of as many rows as a step has, no parameter.
bool areRows(mlir::Value value);

} // namespace transformer

#endif // DIALECTS_TRANSFORMER_TRANSFORMER_H
