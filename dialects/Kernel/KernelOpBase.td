#ifndef DIALECTS_KERNEL_KERNELOPBASE_TD
#define DIALECTS_KERNEL_KERNELOPBASE_TD

include "dialects/Kernel/KernelDialect.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"

class Kernel_Op<string mnemonic, list<Trait> traits = []>
    : Op<Kernel_Dialect, mnemonic, traits>;

/// Writes rows into destinations: `inits`, tied to the results on tensors.
class Kernel_RowsOp<string mnemonic, list<Trait> traits = []>
    : Kernel_Op<mnemonic, !listconcat([DestinationStyleOpInterface], traits)> {
  let results = (outs Variadic<2DTensorOf<[F32]>>:$results);
  code destination = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitsMutable(); }
  }];
  let extraClassDeclaration = destination;
}

def RowsOf : AnyTypeOf<[2DTensorOf<[F32]>, MemRefRankOf<[F32], [2]>],
                       "rows of f32, as a tensor or a buffer">;
def OperandOf : AnyTypeOf<[2DTensorOf<[F32]>, MemRefRankOf<[F32], [1, 2]>],
                          "rows or a vector of f32">;
def WordRowsOf : AnyTypeOf<[2DTensorOf<[I32]>, MemRefRankOf<[I32], [2]>],
                           "rows of 32-bit words, as a tensor or a buffer">;
def FactorRowsOf : AnyTypeOf<[2DTensorOf<[F32, I32]>, MemRefRankOf<[F32, I32], [2]>],
                             "rows of f32 or of words that kernel.quantise made">;
def TableOf : MemRefRankOf<[F32], [2]>;
def VectorOf : MemRefRankOf<[F32], [1]>;
def WordsOf : MemRefRankOf<[I32], [1, 2]>;
def PanelsOf : MemRefRankOf<[F32, I32], [3]>;
def Positive : ConfinedAttr<I64Attr, [IntPositive]>;
def AccessArray : TypedArrayAttrBase<Kernel_AccessAttr, "how each operand is read">;
def TargetArray : TypedArrayAttrBase<Kernel_TargetAttr, "where each part goes">;
def WeightFormat : DefaultValuedAttr<Kernel_FormatAttr, "::kernel::Format::F32">;
def PartArray : TypedArrayAttrBase<Kernel_PartAttr, "source tensors">;

#endif // DIALECTS_KERNEL_KERNELOPBASE_TD
