// Everything of the `kernel` dialect.
#ifndef DIALECTS_KERNEL_KERNEL_H
#define DIALECTS_KERNEL_KERNEL_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/Kernel/KernelDialect.h.inc"
#include "dialects/Kernel/KernelEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/Kernel/KernelAttrs.h.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/Kernel/KernelTypes.h.inc"
#define GET_OP_CLASSES
#include "dialects/Kernel/KernelOps.h.inc"

namespace kernel {

/// Name of the module attribute that holds the target (a MachineAttr).
inline constexpr llvm::StringLiteral targetAttrName = "kernel.target";

/// Name of the module attribute that says in which format (a FormatAttr)
/// matmuls with weights of bf16 compute: f32 without it.
inline constexpr llvm::StringLiteral computeAttrName = "kernel.compute";

/// Name of the module attribute that says in which format (a FormatAttr) caches
/// hold keys and values: f32 without it.
inline constexpr llvm::StringLiteral cacheAttrName = "kernel.cache";

/// The target of the module around `op`, or null after an error on `op`.
MachineAttr targetOf(mlir::Operation *op);

/// Columns of quantised rows and weights that share a scale, and the words of
/// such a group in a row of kernel.quantise: 32 bytes, the scale, the offset.
inline constexpr int64_t groupColumns = 32, groupWords = 10;

/// What a packed weight is in memory.
mlir::MemRefType panelType(mlir::MLIRContext *context, Format format,
                           int64_t panels, int64_t columns, int64_t panel);
/// The width of the panels of such a weight.
int64_t panelOf(Format format, mlir::MemRefType type);
/// Words of a row of kernel.quantise for weights of `format`.
int64_t wordsOf(Format format, int64_t columns);

/// Name of the attribute that names a kernel, see `name-kernels`.
inline constexpr llvm::StringLiteral nameAttrName = "kernel.name";

/// The name of a kernel, "" if it has none yet.
llvm::StringRef nameOf(mlir::Operation *op);

/// Whether `op` computes rows: what has a name, a schedule and a share of the
/// time.
bool isKernel(mlir::Operation *op);

/// Whether two matmuls or maps may become one kernel, which has one period for
/// all of its tables by position.
bool agreeOnPeriod(mlir::Operation *x, mlir::Operation *y);

/// Lets one-shot bufferization place the destinations of kernel ops.
void registerBufferization(mlir::DialectRegistry &registry);

} // namespace kernel

#endif // DIALECTS_KERNEL_KERNEL_H
