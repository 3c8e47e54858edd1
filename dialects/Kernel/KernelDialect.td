#ifndef DIALECTS_KERNEL_KERNELDIALECT_TD
#define DIALECTS_KERNEL_KERNELDIALECT_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def Kernel_Dialect : Dialect {
  let name = "kernel";
  let cppNamespace = "::kernel";
  let summary = "How a transformer step is computed: destinations, packed weights, fused regions, schedules";
  let description = [{
    Between `transformer` (what is computed) and loops (every instruction).
    Kernel ops are in destination style, first on tensors whose first dimension
    is the capacity of a step in rows, then on buffers. Weights are packed and
    always buffers. What is fused into a kernel is a region of `arith` and
    `math` ops on single elements; its lowering inlines the region on vectors.
  }];
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
}

def Kernel_StepType : TypeDef<Kernel_Dialect, "Step"> {
  let mnemonic = "step";
  let summary = "The call in progress: a pointer to the runtime's `tc_step`";
}

class Kernel_Enum<string name, string summary, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::kernel";
  let genSpecializedAttr = 0;
}

/// Written `#kernel.name<word>` where it is an entry of a dictionary or array.
class Kernel_WordAttr<EnumInfo words, string mnemonic>
    : EnumAttr<Kernel_Dialect, words, mnemonic> {
  let assemblyFormat = "`<` $value `>`";
}

def Kernel_Count : Kernel_Enum<"Count", "which number of rows a kernel works on", [
    I32EnumAttrCase<"Rows", 0, "rows">,
    I32EnumAttrCase<"Outputs", 1, "outputs">,
    I32EnumAttrCase<"Sequences", 2, "sequences">,
    I32EnumAttrCase<"Tiles", 3, "tiles">,
    I32EnumAttrCase<"Chosen", 4, "chosen">]>; // of kernel.chosen_step
def Kernel_CountAttr : EnumAttr<Kernel_Dialect, Kernel_Count, "count">;

def Kernel_Access : Kernel_Enum<"Access", "which element of an operand a region sees", [
    I32EnumAttrCase<"Elements", 0, "elements">, // [row, column]
    I32EnumAttrCase<"Columns", 1, "columns">,   // [packed column]
    I32EnumAttrCase<"Positions", 2, "positions">]>; // [position of the row, column mod period]
def Kernel_AccessAttr : Kernel_WordAttr<Kernel_Access, "access">;

def Kernel_Target : Kernel_Enum<"Target", "where a part of a kernel's columns goes", [
    I32EnumAttrCase<"Rows", 0, "rows">,
    I32EnumAttrCase<"Keys", 1, "keys">,
    I32EnumAttrCase<"Values", 2, "values">]>;
def Kernel_TargetAttr : Kernel_WordAttr<Kernel_Target, "to">;

def Kernel_Buffer : Kernel_Enum<"Buffer", "an array that a step points to", [
    I32EnumAttrCase<"Weights", 0, "weights">,
    I32EnumAttrCase<"Scratch", 1, "scratch">,
    I32EnumAttrCase<"Tokens", 2, "tokens">,
    I32EnumAttrCase<"Input", 3, "input">,
    I32EnumAttrCase<"Positions", 4, "positions">,
    I32EnumAttrCase<"Caches", 5, "caches">,
    I32EnumAttrCase<"Starts", 6, "starts">,
    I32EnumAttrCase<"Tiles", 7, "tiles">,
    I32EnumAttrCase<"Outputs", 8, "outputs">,
    I32EnumAttrCase<"Output", 9, "output">,
    I32EnumAttrCase<"Sources", 10, "sources">,
    I32EnumAttrCase<"Limits", 11, "limits">,
    I32EnumAttrCase<"Types", 12, "types">]>;
def Kernel_BufferAttr : EnumAttr<Kernel_Dialect, Kernel_Buffer, "pointer">;

def Kernel_Moment : Kernel_Enum<"Moment", "which end of a kernel's work", [
    I32EnumAttrCase<"Begin", 0, "begin">, I32EnumAttrCase<"End", 1, "end">]>;
def Kernel_MomentAttr : EnumAttr<Kernel_Dialect, Kernel_Moment, "moment">;

def Kernel_NormKind : Kernel_Enum<"NormKind", "how rows are normalised", [
    I32EnumAttrCase<"Layer", 0, "layer">, I32EnumAttrCase<"Rms", 1, "rms">]>;
def Kernel_NormKindAttr : EnumAttr<Kernel_Dialect, Kernel_NormKind, "norm">;

def Kernel_Pool : Kernel_Enum<"Pool", "which row stands for a sequence", [
    I32EnumAttrCase<"First", 0, "first">, I32EnumAttrCase<"Mean", 1, "mean">,
    I32EnumAttrCase<"Last", 2, "last">]>;
def Kernel_PoolAttr : EnumAttr<Kernel_Dialect, Kernel_Pool, "pool">;

def Kernel_Order : Kernel_Enum<"Order", "what lies side by side in an unfolded row", [
    I32EnumAttrCase<"Channels", 0, "channels">, I32EnumAttrCase<"Rows", 1, "rows">,
    I32EnumAttrCase<"Columns", 2, "columns">]>;
def Kernel_OrderAttr : EnumAttr<Kernel_Dialect, Kernel_Order, "order">;

def Kernel_Mask : Kernel_Enum<"Mask", "which keys a query may see", [
    I32EnumAttrCase<"None", 0, "none">, I32EnumAttrCase<"Causal", 1, "causal">,
    I32EnumAttrCase<"Source", 2, "source">, // all of the sequence's source
    I32EnumAttrCase<"Prefix", 3, "prefix">]>; // causal with limits of the step
def Kernel_MaskAttr : Kernel_WordAttr<Kernel_Mask, "mask">;

def Kernel_Scores : Kernel_Enum<"Scores", "what a score weighs a row by", [
    I32EnumAttrCase<"Linear", 0, "linear">, I32EnumAttrCase<"Relu", 1, "relu">,
    I32EnumAttrCase<"Hard", 2, "hard">]>;
def Kernel_ScoresAttr : EnumAttr<Kernel_Dialect, Kernel_Scores, "scores">;

def Kernel_Divisor : Kernel_Enum<"Divisor", "what a weighted sum is divided by", [
    I32EnumAttrCase<"One", 0, "one">, I32EnumAttrCase<"Weights", 1, "weights">,
    I32EnumAttrCase<"Number", 2, "number">]>;
def Kernel_DivisorAttr : Kernel_WordAttr<Kernel_Divisor, "divisor">;

def Kernel_Router : Kernel_Enum<"Router", "how scores become weights of experts", [
    I32EnumAttrCase<"Softmax", 0, "softmax">, I32EnumAttrCase<"Sigmoid", 1, "sigmoid">]>;
def Kernel_RouterAttr : EnumAttr<Kernel_Dialect, Kernel_Router, "router">;

def Kernel_Origin : Kernel_Enum<"Origin", "where the values of a packed part come from", [
    I32EnumAttrCase<"Tensor", 0, "tensor">,
    I32EnumAttrCase<"RotaryCos", 1, "rotary_cos">,
    I32EnumAttrCase<"RotarySin", 2, "rotary_sin">,
    I32EnumAttrCase<"Sinusoid", 3, "sinusoid">,
    I32EnumAttrCase<"Alibi", 4, "alibi">,
    I32EnumAttrCase<"Buckets", 5, "buckets">,
    I32EnumAttrCase<"SinusoidHalves", 6, "sinusoid_halves">,
    I32EnumAttrCase<"Offsets", 7, "offsets">,
    I32EnumAttrCase<"Heads", 8, "heads">,
    I32EnumAttrCase<"HeadsTransposed", 9, "heads_transposed">]>;

def Kernel_Format : Kernel_Enum<"Format", "how a packed weight is stored", [
    I32EnumAttrCase<"F32", 0, "f32">, I32EnumAttrCase<"Bf16", 1, "bf16">,
    I32EnumAttrCase<"Int8", 2, "int8">, I32EnumAttrCase<"Int4", 3, "int4">]>;
def Kernel_FormatAttr : Kernel_WordAttr<Kernel_Format, "format"> {
  let returnType = "::kernel::Format";
}

/// All make the same exact sums; see compiler/Kernels/Dot.cpp.
def Kernel_Dot : Kernel_Enum<"Dot", "by which instruction bytes are multiplied", [
    I32EnumAttrCase<"Vpdpbusd", 0, "vpdpbusd">, // AVX-512 VNNI
    I32EnumAttrCase<"Pmaddwd", 1, "pmaddwd">,   // AVX2, AVX-512
    I32EnumAttrCase<"Sdot", 2, "sdot">,         // AArch64 dotprod
    I32EnumAttrCase<"Saddlp", 3, "saddlp">]>;   // NEON
def Kernel_DotAttr : Kernel_WordAttr<Kernel_Dot, "dot">;

class Kernel_Attr<string name, string mnemonicName> : AttrDef<Kernel_Dialect, name> {
  let mnemonic = mnemonicName;
  let assemblyFormat = "`<` struct(params) `>`";
}

def Kernel_ScheduleAttr : Kernel_Attr<"Schedule", "schedule"> {
  let summary = "Register tile of a kernel: rows x vectors of lanes floats";
  let description = "`dot` is the instruction for weights of integers.";
  let parameters = (ins "int64_t":$rows, "int64_t":$vectors, "int64_t":$lanes,
                        OptionalParameter<"::kernel::DotAttr">:$dot);
  let builders = [AttrBuilder<(ins "int64_t":$rows, "int64_t":$vectors,
                                   "int64_t":$lanes), [{
    return $_get($_ctxt, rows, vectors, lanes, DotAttr());
  }]>];
  let genVerifyDecl = 1;
}

def Kernel_IntegersAttr : Kernel_Attr<"Integers", "integers"> {
  let summary = "How a CPU multiplies integers, and the register tiles for it";
  let parameters = (ins EnumParameter<Kernel_Dot>:$dot,
                        ArrayRefParameter<"int64_t">:$matmul,
                        ArrayRefParameter<"int64_t">:$gated);
  let assemblyFormat = [{
    `<` $dot `,` `matmul` `=` `[` $matmul `]` `,` `gated` `=` `[` $gated `]` `>`
  }];
}

def Kernel_WindowsAttr : Kernel_Attr<"Windows", "windows"> {
  let summary = "Windows on places in lines: side, distance, places before the first";
  let description = [{
    `lines` and `columns` are the grid that they lie on in both directions; 0
    and 0: on the rows of each sequence. `skip` rows of what they make are left
    free before those of each sequence.
  }];
  let parameters = (ins "int64_t":$size, "int64_t":$stride, "int64_t":$pad,
                        "int64_t":$lines, "int64_t":$columns, "int64_t":$skip);
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// How many lie on so many places in a line.
    int64_t on(int64_t places) const {
      return (places + 2 * getPad() - getSize()) / getStride() + 1;
    }
    bool hasGrid() const { return getLines() != 0; }
    /// Values of one channel.
    int64_t places() const { return hasGrid() ? getSize() * getSize() : getSize(); }
  }];
}

def Kernel_MachineAttr : Kernel_Attr<"Machine", "target"> {
  let summary = "The CPU that a module is compiled for";
  let description = [{
    `matmul` and `attention` are register tiles [rows, vectors]: rows times
    vectors accumulators of `lanes` floats each fit the registers. `integers` is
    for weights of int8 and int4; with `bf16` there are dot products of pairs of
    bf16.
  }];
  let parameters = (ins StringRefParameter<>:$triple, StringRefParameter<>:$cpu,
                        StringRefParameter<>:$features, "int64_t":$lanes,
                        ArrayRefParameter<"int64_t">:$matmul,
                        ArrayRefParameter<"int64_t">:$gated,
                        ArrayRefParameter<"int64_t">:$attention,
                        OptionalParameter<"::kernel::IntegersAttr">:$integers,
                        OptionalParameter<"::mlir::UnitAttr">:$bf16);
  let assemblyFormat = [{
    `<` `triple` `=` $triple `,` `cpu` `=` $cpu `,` `features` `=` $features `,`
        `lanes` `=` $lanes `,` `matmul` `=` `[` $matmul `]` `,`
        `gated` `=` `[` $gated `]` `,` `attention` `=` `[` $attention `]`
        (`,` `integers` `=` $integers^)? (`,` `bf16` `=` $bf16^)? `>`
  }];
  let extraClassDeclaration = [{
    /// The schedule of a matmul with such a weight; null if there is none.
    ScheduleAttr scheduleOf(Format format, int64_t accumulators) const;
  }];
}

def Kernel_NormAttr : Kernel_Attr<"Norm", "normalise"> {
  let summary = "A row norm: kind, epsilon, columns normalised together (0: all)";
  let parameters = (ins EnumParameter<Kernel_NormKind>:$kind, "::mlir::FloatAttr":$eps,
                        "int64_t":$group);
}

def Kernel_CacheFormat : EnumParameter<Kernel_Format> {
  let defaultValue = "::kernel::Format::F32";
}

def Kernel_CacheAttr : Kernel_Attr<"Cache", "cache"> {
  let summary = "Shape and format of one attention's share of a session's cache";
  let description = [{
    Keys `[blocks][G * D][64]`, then values `[blocks][G][64][E rounded up to 16]`:
    position p is column p mod 64 of block p / 64. So a block of keys is the
    right-hand panel of the score matmul, and a block of values that of the
    weighted sum.

    Elements are f32, bf16 (ties to even) or int8. With int8 the keys' and then
    the values' scales follow, f32 `[blocks][G][64]`: each head of a row has its
    own, max |x| / 127, and q = roundeven(x * (127 / max |x|)), 0 where max |x| <
    2^-100.

    Constraint: (c1) the format is not int4.
  }];
  let parameters = (ins "int64_t":$blocks, "int64_t":$kvHeads, "int64_t":$headDim,
                        "int64_t":$valueDim, Kernel_CacheFormat:$format);
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    static constexpr int64_t block = 64;
    int64_t paddedValueDim() const { return (getValueDim() + 15) / 16 * 16; }
    int64_t elementBytes() const {
      return getFormat() == Format::F32 ? 4 : getFormat() == Format::Bf16 ? 2 : 1;
    }
    int64_t keyBytes() const {
      return getBlocks() * getKvHeads() * getHeadDim() * block * elementBytes();
    }
    int64_t valueBytes() const {
      return getBlocks() * getKvHeads() * block * paddedValueDim() * elementBytes();
    }
    /// Of the keys, and as many of the values.
    int64_t scaleBytes() const {
      return getFormat() == Format::Int8 ? getBlocks() * getKvHeads() * block * 4 : 0;
    }
    int64_t bytes() const { return keyBytes() + valueBytes() + 2 * scaleBytes(); }
  }];
}

def Kernel_DistancesAttr : Kernel_Attr<"Distances", "distances"> {
  let summary = "A table of score biases: a row a head, a column a distance from query to key";
  let description = [{
    Column c is for the distance c - zero. Of `alibi` it has -slope * |distance|;
    of `buckets` the tensor [B, H] has a row for each bucket, which grow up to
    `reach`, half of them for later keys unless `causal`.

    Of `offsets` the table is of tiles of `reach` x `reach` rows instead, as
    kernel.grid_attention reads it: a row for each head and query of a tile, a
    column for each key; the tensor [B, H] has a row for each offset between two.
  }];
  let parameters = (ins "int64_t":$zero,
                        OptionalParameter<"::mlir::DenseF64ArrayAttr">:$slopes,
                        DefaultValuedParameter<"int64_t", "0">:$buckets,
                        DefaultValuedParameter<"int64_t", "0">:$reach,
                        DefaultValuedParameter<"bool", "false">:$causal);
}

def Kernel_RandomAttr : Kernel_Attr<"Random", "random"> {
  let summary = "Segments that one sees wherever they are, drawn from a seed";
  let description = [{
    How they are drawn is said at `transformer.attention`: `segments` for each
    segment, head of keys and round, at most 256.

    Constraint: (c1) there are from 1 to 256, and the seed is not negative.
  }];
  let parameters = (ins "int64_t":$segments, "int64_t":$seed);
  let genVerifyDecl = 1;
}

def Kernel_StateAttr : Kernel_Attr<"State", "state"> {
  let summary = "Shape of one linear attention's share of a session's cache";
  let description = [{
    Sums f32 `[G][D][E rounded up to 16]` of keys times values, then
    `[G][D rounded up to 16]` of keys.
  }];
  let parameters = (ins "int64_t":$kvHeads, "int64_t":$headDim, "int64_t":$valueDim);
  let extraClassDeclaration = [{
    int64_t paddedHeadDim() const { return (getHeadDim() + 15) / 16 * 16; }
    int64_t paddedValueDim() const { return (getValueDim() + 15) / 16 * 16; }
    int64_t productBytes() const { return getKvHeads() * getHeadDim() * paddedValueDim() * 4; }
    int64_t bytes() const { return productBytes() + getKvHeads() * paddedHeadDim() * 4; }
  }];
}

def Kernel_TapAttr : Kernel_Attr<"Tap", "tap"> {
  let summary = "What the caller may have of each row beside the output";
  let description = [{
    `number` counts the model's taps; `rounds` are the repetitions of the loops
    around it. Of heads, or what each of them makes of other rows, there are `columns`
    for each of `heads`, of rows (`heads` = 0) `columns` in all.
    With `made` the rows are not those of the caller's step, and it says a place for
    those of each sequence together; see tc_tap in runtime/abi.h for the number.
  }];
  let parameters = (ins "int64_t":$number, StringRefParameter<>:$name,
                        "int64_t":$rounds, "int64_t":$heads, "int64_t":$columns,
                        DefaultValuedParameter<"int64_t", "0">:$made);
  let extraClassDeclaration = [{
    /// Floats of a row in one round.
    int64_t width() const { return std::max<int64_t>(getHeads(), 1) * getColumns(); }
  }];
}

def Kernel_PartAttr : Kernel_Attr<"Part", "part"> {
  let summary = "One source tensor's share of a packed weight, see compiler/Weights/Layout.h";
  let description = [{
    Of `heads` a head has `headDim` rows, the first `headRows` of which are the
    tensor's.
  }];
  let parameters = (ins EnumParameter<Kernel_Origin>:$origin, StringRefParameter<>:$name,
                        "int64_t":$rows, "int64_t":$cols,
                        DefaultValuedParameter<"int64_t", "0">:$headDim,
                        DefaultValuedParameter<"int64_t", "0">:$rotaryDim,
                        OptionalParameter<"::mlir::FloatAttr">:$offset,
                        OptionalParameter<"::mlir::FloatAttr">:$magnitude,
                        OptionalParameter<"::mlir::DenseF64ArrayAttr">:$frequencies,
                        OptionalParameter<"::kernel::DistancesAttr">:$distances,
                        DefaultValuedParameter<"int64_t", "0">:$headRows);
}

#endif // DIALECTS_KERNEL_KERNELDIALECT_TD
