#ifndef DIALECTS_TRANSFORMER_TRANSFORMEROPBASE_TD
#define DIALECTS_TRANSFORMER_TRANSFORMEROPBASE_TD

include "dialects/Transformer/TransformerDialect.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Transformer_Op<string mnemonic, list<Trait> traits = []>
    : Op<Transformer_Dialect, mnemonic, !listconcat([Pure], traits)>;

/// The result has the type of x.
class Transformer_RowwiseOp<string mnemonic, list<Trait> traits = []>
    : Transformer_Op<mnemonic,
                     !listconcat([AllTypesMatch<["x", "result"]>], traits)> {
  let results = (outs Transformer_Matrix:$result);
}

#endif // DIALECTS_TRANSFORMER_TRANSFORMEROPBASE_TD
