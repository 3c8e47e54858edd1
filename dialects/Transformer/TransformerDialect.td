// What the ops of the dialect are made of: its type, its words, its kinds of
// tensors and numbers.
#ifndef DIALECTS_TRANSFORMER_TRANSFORMERDIALECT_TD
#define DIALECTS_TRANSFORMER_TRANSFORMERDIALECT_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def Transformer_Dialect : Dialect {
  let name = "transformer";
  let cppNamespace = "::transformer";
  let summary = "Transformer layers as pure functions on tensors";
  let description = [{
    What a model computes, and nothing about how: no layout, no cache, no
    machine. Activations are matrices, one row for each token of a step; only
    the ops that take `!transformer.rows` know which rows belong together.
    Elementwise sums and products are `arith.addf` and `arith.mulf`, repetition
    is `scf.for` over the rows.

    Letters of shapes: V vocabulary, M model width, K and N widths in and out of
    a linear map, H heads, G key/value heads, D head size, E value head size.
    `?` in the first place is the number of rows.

    A model is one function with the rows and the input as arguments and the
    output rows as its result. `transformer.context` is the most rows of a
    sequence, `transformer.vocab` the number of different tokens, and a
    `transformer.causal` model never looks at later rows, so that its sequences
    can be computed piece by piece. With `transformer.prefix` too, the first rows
    of a sequence, as many as the caller says, are one piece and see each other:

    ```mlir
    func.func @bigram(%rows: !transformer.rows, %tokens: tensor<?xi32>)
        -> tensor<?x64xf32>
        attributes {transformer.context = 16 : i64, transformer.vocab = 64 : i64,
                    transformer.causal} {
      %table = transformer.weight "embed.weight" : tensor<64x8xf32>
      %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
      %last = transformer.outputs %x, %rows : tensor<?x8xf32>
      %scores = transformer.linear %last, %table
          : tensor<?x8xf32>, tensor<64x8xf32>
      return %scores : tensor<?x64xf32>
    }
    ```

    An encoder-decoder is two such functions. The decoder names its encoder in
    `transformer.encoder` and has, besides its own input, the rows of the source
    and what the encoder makes of them: all that the encoder returns. A decoder
    of `transformer.queries` has no input of its own.

    ```mlir
    func.func @words_encoder(%rows: !transformer.rows, %tokens: tensor<?xi32>)
        -> tensor<?x8xf32>
        attributes {transformer.context = 16 : i64, transformer.vocab = 64 : i64} {
      %table = transformer.weight "encoder.embed.weight" : tensor<64x8xf32>
      %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
      return %x : tensor<?x8xf32>
    }
    func.func @words(%rows: !transformer.rows, %tokens: tensor<?xi32>,
                     %source: !transformer.rows, %memory: tensor<?x8xf32>)
        -> tensor<?x8xf32>
        attributes {transformer.context = 16 : i64, transformer.vocab = 64 : i64,
                    transformer.causal, transformer.encoder = @words_encoder} {
      %table = transformer.weight "decoder.embed.weight" : tensor<64x8xf32>
      %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
      %y = transformer.cross_attention %x, %memory, %memory, %rows, %source
          heads = 2 kv_heads = 2 scale = 0.5
          : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
      return %y : tensor<?x8xf32>
    }
    ```
  }];
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let useDefaultTypePrinterParser = 1;
}

def Transformer_Rows : TypeDef<Transformer_Dialect, "Rows"> {
  let mnemonic = "rows";
  let summary = "the sequence and the position of each row of a step";
  let description = [{
    A step runs rows of any number of sequences, each from some position on. An
    op that takes this value looks at the sequence or the position of a row; all
    others treat every row alike.

    ```mlir
    func.func private @step(!transformer.rows, tensor<?xi32>)
    ```
  }];
}

//===- Words --------------------------------------------------------------===//

class Transformer_Enum<string name, string summary, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::transformer";
  let genSpecializedAttr = 0;
}
class Transformer_EnumAttr<Transformer_Enum words, string mnemonic>
    : EnumAttr<Transformer_Dialect, words, mnemonic>;

/// How a matrix is stored; one without a word is f32.
def Transformer_Format
    : Transformer_Enum<"Format", "how the values of a parameter are stored", [
        I32EnumAttrCase<"Bf16", 1, "bf16">, I32EnumAttrCase<"Int8", 2, "int8">,
        I32EnumAttrCase<"Int4", 3, "int4">]>;
/// Written `#transformer.format<word>`, an entry of a dictionary.
def Transformer_FormatAttr : Transformer_EnumAttr<Transformer_Format, "format"> {
  let assemblyFormat = "`<` $value `>`";
}

def Transformer_NormKind
    : Transformer_Enum<"NormKind", "what a normalisation divides by", [
        I32EnumAttrCase<"Layer", 0, "layer">, I32EnumAttrCase<"Rms", 1, "rms">]>;
def Transformer_NormKindAttr : Transformer_EnumAttr<Transformer_NormKind, "norm_kind">;

def Transformer_Mask : Transformer_Enum<"Mask", "which rows a row may see", [
    I32EnumAttrCase<"None", 0, "none">, I32EnumAttrCase<"Causal", 1, "causal">,
    I32EnumAttrCase<"Prefix", 2, "prefix">]>;
def Transformer_MaskAttr : Transformer_EnumAttr<Transformer_Mask, "mask">;

def Transformer_Activation
    : Transformer_Enum<"Activation", "a nonlinear function of one value", [
        I32EnumAttrCase<"Relu", 0, "relu">, I32EnumAttrCase<"Gelu", 1, "gelu">,
        I32EnumAttrCase<"GeluTanh", 2, "gelu_tanh">,
        I32EnumAttrCase<"Silu", 3, "silu">, I32EnumAttrCase<"Relu2", 4, "relu2">,
        I32EnumAttrCase<"Tanh", 5, "tanh">,
        I32EnumAttrCase<"EluPlusOne", 6, "elu_plus_one">,
        I32EnumAttrCase<"Exp", 7, "exp">,
        I32EnumAttrCase<"QuickGelu", 8, "quick_gelu">,
        I32EnumAttrCase<"Sigmoid", 9, "sigmoid">,
        I32EnumAttrCase<"LogSigmoid", 10, "log_sigmoid">]>;
def Transformer_ActivationAttr
    : Transformer_EnumAttr<Transformer_Activation, "activation_kind">;

def Transformer_Router
    : Transformer_Enum<"Router", "how scores become weights of experts", [
        I32EnumAttrCase<"Softmax", 0, "softmax">,
        I32EnumAttrCase<"Sigmoid", 1, "sigmoid">]>;
def Transformer_RouterAttr : Transformer_EnumAttr<Transformer_Router, "router">;

def Transformer_RotaryLayout
    : Transformer_Enum<"RotaryLayout", "which columns of a head rotate together", [
        I32EnumAttrCase<"Halves", 0, "halves">,
        I32EnumAttrCase<"Pairs", 1, "pairs">]>;
def Transformer_RotaryLayoutAttr
    : Transformer_EnumAttr<Transformer_RotaryLayout, "rotary_layout">;

def Transformer_PoolKind
    : Transformer_Enum<"PoolKind", "how a sequence becomes one row", [
        I32EnumAttrCase<"First", 0, "first">, I32EnumAttrCase<"Mean", 1, "mean">,
        I32EnumAttrCase<"Last", 2, "last">]>;
def Transformer_PoolKindAttr : Transformer_EnumAttr<Transformer_PoolKind, "pool_kind">;

def Transformer_Scores
    : Transformer_Enum<"Scores", "what a score weighs a row by", [
        I32EnumAttrCase<"Linear", 0, "linear">, I32EnumAttrCase<"Relu", 1, "relu">,
        I32EnumAttrCase<"Hard", 2, "hard">]>;
def Transformer_ScoresAttr : Transformer_EnumAttr<Transformer_Scores, "scores">;

def Transformer_Normalise
    : Transformer_Enum<"Normalise", "what a weighted sum is divided by", [
        I32EnumAttrCase<"None", 0, "none">, I32EnumAttrCase<"Rows", 1, "rows">,
        I32EnumAttrCase<"Number", 2, "number">]>;
def Transformer_NormaliseAttr
    : Transformer_EnumAttr<Transformer_Normalise, "normalise">;

def Transformer_Order
    : Transformer_Enum<"Order", "what lies side by side in an unfolded row", [
        I32EnumAttrCase<"Channels", 0, "channels">,
        I32EnumAttrCase<"Rows", 1, "rows">,
        I32EnumAttrCase<"Columns", 2, "columns">]>;
def Transformer_OrderAttr : Transformer_EnumAttr<Transformer_Order, "order">;

//===- Numbers and tensors ------------------------------------------------===//

// F64Attr and I64Attr with the C++ types that the field's formulas use.
def Transformer_Real : FloatAttrBase<F64, "64-bit float attribute"> {
  let returnType = "double";
  let convertFromStorage = "$_self.getValueAsDouble()";
}
def Transformer_Size : TypedSignlessIntegerAttrBase<
    I64, "int64_t", "64-bit signless integer attribute">;

def HasStaticWidth : CPred<
    "!::llvm::cast<::mlir::RankedTensorType>($_self).isDynamicDim(1)">;
def IsNotEmpty : CPred<
    "!::llvm::is_contained("
    "::llvm::cast<::mlir::RankedTensorType>($_self).getShape(), 0)">;
def Transformer_Matrix : ConfinedType<
    2DTensorOf<[F32]>, [HasStaticWidth, IsNotEmpty],
    "rows of f32 values of a known width", "::mlir::RankedTensorType">;
def Transformer_Table : ConfinedType<
    2DTensorOf<[F32]>, [HasStaticShapePred, IsNotEmpty],
    "an f32 matrix of a known shape", "::mlir::RankedTensorType">;
def Transformer_Vector : ConfinedType<
    1DTensorOf<[F32]>, [HasStaticShapePred, IsNotEmpty],
    "an f32 vector of a known size", "::mlir::RankedTensorType">;
def Transformer_Tokens : 1DTensorOf<[I32]>;
def Transformer_Images : ConfinedType<
    4DTensorOf<[F32]>, [CPred<
      "::llvm::cast<::mlir::RankedTensorType>($_self).getNumDynamicDims() == "
      "(::llvm::cast<::mlir::RankedTensorType>($_self).isDynamicDim(0) ? 1 : 0)">,
      IsNotEmpty],
    "f32 images of known channels, height and width", "::mlir::RankedTensorType">;

#endif // DIALECTS_TRANSFORMER_TRANSFORMERDIALECT_TD
