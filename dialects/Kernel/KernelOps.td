#ifndef DIALECTS_KERNEL_KERNELOPS_TD
#define DIALECTS_KERNEL_KERNELOPS_TD

include "dialects/Kernel/KernelOpBase.td"

def Kernel_WeightOp : Kernel_Op<"weight", [Pure]> {
  let summary = "A packed weight, by the tensors that it is made of";
  let description = [{
    `parts` are stacked along their rows, each starting at a multiple of `align`.
    With `panel = 0` the result is the matrix itself, row after row; otherwise it
    is cut into panels of `panel` of its rows: `[rows / panel][cols][panel]`, the
    order in which a matmul reads them. `interleave = n` alternates n rows of the
    first part and n rows of the second. `format` is how values are stored:

    | format | result, for K columns and panels of P |
    |---|---|
    | `f32` | f32 `[panels][K][P]`, or the matrix itself |
    | `bf16` | i32 `[panels][ceil(K/2)][P]`: the even column in the low half |
    | `int8` | i32 `[panels][ceil(K/32)][8P + P/2]`: `[8][P]` words of 4 columns as bytes q + 128, then P scales in f16 |
    | `int4` | i32 `[panels][ceil(K/32)][4P + P/2]`: `[4][P]` words, word j has columns 8j..8j+3 in the low halves of its bytes and 8j+4..8j+7 in the high ones, as q + 8, then P scales |

    where value = q * scale; columns from K on are zero. `indices` are the repetitions {i}, {j}
    of the names, which run over `repeats`. `lay-out-weights` replaces the op by a
    place in the weights.

    Constraints: (c1) at least one part; (c2) `panel` and `interleave` not
    negative, `align` positive; (c3) parts have as many columns as the first;
    (c4) two parts are interleaved, in panels of two runs, aligned to a run;
    (c5) the result has the shape that the parts make (with one column a plain
    vector will do); (c6) as many indices as repetitions; (c7) other formats than
    f32 are in panels, of an even width.

    ```mlir
    func.func @f(%i: index) -> memref<1x8x48xf32> {
      %w = kernel.weight [#kernel.part<origin = tensor, name = "layers.{i}.mlp.up.weight", rows = 40, cols = 8>]
        [%i] {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64} : memref<1x8x48xf32>
      return %w : memref<1x8x48xf32>
    }
    ```
  }];
  let arguments = (ins PartArray:$parts, Variadic<Index>:$indices, I64Attr:$panel,
                       I64Attr:$align, I64Attr:$interleave, OptionalAttr<DenseI64ArrayAttr>:$repeats,
                       WeightFormat:$format);
  let results = (outs AnyStaticShapeMemRef:$result);
  let assemblyFormat = "$parts `[` $indices `]` attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Kernel_BufferOp : Kernel_Op<"buffer", [Pure]> {
  let summary = "An array of the step at a byte offset";
  let description = [{
    ```mlir
    func.func @f(%step: !kernel.step, %offset: index) -> memref<512x768xf32> {
      %x = kernel.buffer scratch of %step[%offset] : memref<512x768xf32>
      return %x : memref<512x768xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_BufferAttr:$pointer, Kernel_StepType:$step, Index:$offset);
  let results = (outs AnyStaticShapeMemRef:$result);
  let assemblyFormat = "$pointer `of` $step `[` $offset `]` attr-dict `:` type($result)";
}

def Kernel_RowCacheOp : Kernel_Op<"row_cache", [Pure]> {
  let summary = "The cache of one row's sequence at a byte offset";
  let description = [{
    ```mlir
    func.func @f(%step: !kernel.step, %row: index, %offset: index) -> memref<16x128x64xf32> {
      %keys = kernel.row_cache %step row %row[%offset] : memref<16x128x64xf32>
      return %keys : memref<16x128x64xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_StepType:$step, Index:$row, Index:$offset);
  let results = (outs AnyStaticShapeMemRef:$result);
  let assemblyFormat = "$step `row` $row `[` $offset `]` attr-dict `:` type($result)";
}

def Kernel_CountOp : Kernel_Op<"count", [Pure]> {
  let summary = "How many rows, sequences, tiles or outputs the step has";
  let description = [{
    ```mlir
    func.func @f(%step: !kernel.step) -> index {
      %n = kernel.count rows of %step
      return %n : index
    }
    ```
  }];
  let arguments = (ins Kernel_CountAttr:$count, Kernel_StepType:$step);
  let results = (outs Index:$result);
  let assemblyFormat = "$count `of` $step attr-dict";
}

def Kernel_ParallelForOp
    : Kernel_Op<"parallel_for", [DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "Calls a function on ranges that cover [0, n), by the caller's threads";
  let description = [{
    `body(captures..., begin, end)` is called for disjoint ranges through the
    step's `parallel_for`, or once with the whole range where that is null.

    Constraints: (c1) `body` names a function; (c2) it takes the captures and two
    indices and returns nothing.

    ```mlir
    func.func private @body(!kernel.step, index, index)
    func.func @f(%step: !kernel.step, %n: index) {
      kernel.parallel_for @body(%step) to %n by %step : !kernel.step
      return
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$body, Variadic<AnyType>:$captures, Index:$n,
                       Kernel_StepType:$step);
  let assemblyFormat = [{
    $body `(` $captures `)` `to` $n `by` $step attr-dict `:` type($captures)
  }];
}

def Kernel_ReportOp : Kernel_Op<"report"> {
  let summary = "Tells the step's `report`, if it has one, that a kernel begins or ends";
  let description = [{
    `kernel` is the kernel's number in the object's table (tc_model.kernels).

    Constraint: (c1) `kernel` is not negative.

    ```mlir
    func.func @f(%step: !kernel.step) {
      kernel.report begin 3 of %step
      kernel.report end 3 of %step
      return
    }
    ```
  }];
  let arguments = (ins Kernel_MomentAttr:$moment,
                       ConfinedAttr<I64Attr, [IntNonNegative]>:$kernel,
                       Kernel_StepType:$step);
  let assemblyFormat = "$moment $kernel `of` $step attr-dict";
}

def Kernel_YieldOp : Kernel_Op<"yield", [Pure, Terminator, ReturnLike,
                                          ParentOneOf<["MatmulOp", "MapOp"]>]> {
  let summary = "The element that a fused region hands to its kernel";
  let arguments = (ins F32:$value);
  let assemblyFormat = "$value attr-dict";
}

def Kernel_SwapPairsOp : Kernel_Op<"swap_pairs", [Pure, AllTypesMatch<["value", "result"]>,
                                                     ParentOneOf<["MatmulOp", "MapOp"]>]> {
  let summary = "The value of the neighbouring column: 2c for 2c + 1 and the other way round";
  let description = "Inside fused regions only; rotary embeddings are made of it.";
  let arguments = (ins F32:$value);
  let results = (outs F32:$result);
  let assemblyFormat = "$value attr-dict";
}

def Kernel_MatmulOp : Kernel_RowsOp<"matmul", [AttrSizedOperandSegments]> {
  let summary = "Rows times a packed weight, with a norm before and regions after";
  let description = [{
        acc[r, n] = sum_k norm(input)[r, k] * weight[n, k]      (k ascending, one fma each)
        part p:  target[r, n - first column of p] = region_p(acc[r, n], operands...)

    The packed columns are cut into parts (Q, K and V; most have one); each has
    `columns[p]` columns, starts on a panel, and goes to `targets[p]`: a row
    buffer (the next of `inits`), or the key or value cache at byte `slot`.
    A region's arguments are the accumulators (two when `accumulators` is 2:
    interleaved gate and up), then one element of each operand, as `accesses`
    says: `elements` [r, n], `columns` [n], `positions` [position of r, n mod
    period] (n alone without `period`). With `norm` the first of `inits` holds the normalised rows.

    Constraints: (c1) as many regions and targets as parts; (c2) as many accesses
    as operands; (c3) one init for the norm and one for each row target;
    (c4) `slot` and `cache` where a target is a cache, which has as many columns
    as the part and is not int8: the scale of a head needs all of it; (c5) a region takes its f32 elements and works element by
    element on these and constants; (c6) the weight is as deep as input rows are
    wide; (c7) 1 or 2 accumulators, which share the vectors evenly; (c8) a panel
    is `vectors * lanes` wide; (c9) the parts, each in whole panels, fill the
    panels; (c10) norm weights only with a norm, at most 2, at least as long as
    what is normalised; (c11) normalised rows are as wide as input rows;
    (c12) an operand that a region reads has its columns; (c13) a row target has
    as many columns as its part; (c14) the weight is stored as `format` says;
    (c15) rows are what the format takes; (c16) integers have a `dot` in the
    schedule.

    ```mlir
    func.func @f(%step: !kernel.step, %x: tensor<512x8xf32>, %w: memref<1x8x48xf32>,
                 %b: memref<48xf32>, %y: tensor<512x40xf32>) -> tensor<512x40xf32> {
      %r = kernel.matmul rows of %step(%x : tensor<512x8xf32>) by (%w : memref<1x8x48xf32>)
          with (%b : memref<48xf32>) into (%y : tensor<512x40xf32>)
          attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                      accesses = [#kernel.access<columns>], accumulators = 1 : i64,
                      schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
      ^bb0(%acc: f32, %bias: f32):
        %s = arith.addf %acc, %bias : f32
        kernel.yield %s
      } -> tensor<512x40xf32>
      return %r : tensor<512x40xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_CountAttr:$count, Kernel_StepType:$step, FactorRowsOf:$input,
                       Variadic<VectorOf>:$normWeights, PanelsOf:$weight,
                       Variadic<OperandOf>:$extras, Optional<Index>:$slot,
                       Variadic<RowsOf>:$inits, OptionalAttr<Kernel_NormAttr>:$norm,
                       DenseI64ArrayAttr:$columns, TargetArray:$targets,
                       AccessArray:$accesses, Positive:$accumulators,
                       Kernel_ScheduleAttr:$schedule, OptionalAttr<Kernel_CacheAttr>:$cache,
                       OptionalAttr<I64Attr>:$period, WeightFormat:$format);
  let regions = (region VariadicRegion<SizedRegion<1>>:$parts);
  let assemblyFormat = [{
    $count `of` $step `(` $input `:` type($input) `)`
    (`norm` `(` $normWeights^ `:` type($normWeights) `)`)?
    `by` `(` $weight `:` type($weight) `)`
    (`with` `(` $extras^ `:` type($extras) `)`)? (`slot` $slot^)?
    (`into` `(` $inits^ `:` type($inits) `)`)?
    attr-dict-with-keyword $parts (`->` type($results)^)?
  }];
  let hasVerifier = 1;
}

def Kernel_MapOp : Kernel_RowsOp<"map", [AttrSizedOperandSegments]> {
  let summary = "A region on every element of rows, without a matmul";
  let description = [{
        target[r, c] = region(input[r, c], operands...)   for c < columns

    What is left of element-wise work that no matmul takes as its epilogue.
    Operands, target, `slot` and `cache` as in `kernel.matmul`.
    `shift` rows of each sequence are put before it later: `positions` operands
    count from there.

    Constraints: (c1) as many accesses as operands; (c2) one init for a row
    target, none for a cache; (c3) `slot` and `cache` where the target is a cache,
    which has as many columns; (c4) the region takes its f32 elements and works
    element by element on these and constants; (c5) an operand that the region
    reads has its columns; (c6) input and row target have `columns` columns.

    ```mlir
    func.func @f(%step: !kernel.step, %x: tensor<512x8xf32>, %y: tensor<512x8xf32>) -> tensor<512x8xf32> {
      %r = kernel.map rows of %step(%x : tensor<512x8xf32>) into (%y : tensor<512x8xf32>)
          attributes {columns = 8 : i64, target = #kernel.to<rows>, accesses = []} {
      ^bb0(%e: f32):
        %s = arith.addf %e, %e : f32
        kernel.yield %s
      } -> tensor<512x8xf32>
      return %r : tensor<512x8xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_CountAttr:$count, Kernel_StepType:$step, RowsOf:$input,
                       Variadic<OperandOf>:$extras, Optional<Index>:$slot,
                       Variadic<RowsOf>:$inits, Positive:$columns,
                       Kernel_TargetAttr:$target, AccessArray:$accesses,
                       OptionalAttr<Kernel_CacheAttr>:$cache,
                       OptionalAttr<I64Attr>:$period,
                       OptionalAttr<I64Attr>:$shift);
  let regions = (region SizedRegion<1>:$body);
  /// A copy of rows: into `inits`, or into the cache that `slot` starts.
  let builders = [OpBuilder<(ins "Count":$count, "::mlir::Value":$step,
                                 "::mlir::Value":$input, "Target":$target,
                                 "::mlir::ValueRange":$inits,
                                 CArg<"::mlir::Value", "{}">:$slot,
                                 CArg<"CacheAttr", "{}">:$cache)>];
  let assemblyFormat = [{
    $count `of` $step `(` $input `:` type($input) `)`
    (`with` `(` $extras^ `:` type($extras) `)`)? (`slot` $slot^)?
    (`into` `(` $inits^ `:` type($inits) `)`)?
    attr-dict-with-keyword $body (`->` type($results)^)?
  }];
  let hasVerifier = 1;
}

def Kernel_QuantiseOp : Kernel_Op<"quantise", [DestinationStyleOpInterface]> {
  let summary = "Rows in the form that a matmul with packed weights of a format takes";
  let description = [{
    For weights of int8 and int4 a row is rounded in groups of 32 columns:

        scale = max |x| / 127, q = roundeven(x * (127 / max |x|))

    and q = 0 where max |x| < 2^-100. A group is 10 words of the destination:
    32 bytes q, the scale, and -128 (int8) or -8 (int4) times the sum of the q,
    an i32: what makes up for the weights being stored as q + 128 or q + 8.

    For weights of bf16 values are rounded to bf16, ties to even; a word is two
    columns, the even one in the low half. Columns behind the last are zero.

    Constraints: (c1) for a format other than f32; (c2) one destination, of
    10 * ceil(columns / 32) or ceil(columns / 2) words.

    ```mlir
    func.func @f(%step: !kernel.step, %x: tensor<512x40xf32>, %q: tensor<512x20xi32>) -> tensor<512x20xi32> {
      %r = kernel.quantise rows of %step(%x : tensor<512x40xf32>) into (%q : tensor<512x20xi32>)
          attributes {format = #kernel.format<int8>} -> tensor<512x20xi32>
      return %r : tensor<512x20xi32>
    }
    ```
  }];
  let arguments = (ins Kernel_CountAttr:$count, Kernel_StepType:$step, RowsOf:$input,
                       Variadic<WordRowsOf>:$inits, Kernel_FormatAttr:$format);
  let results = (outs Variadic<2DTensorOf<[I32]>>:$results);
  let assemblyFormat = [{
    $count `of` $step `(` $input `:` type($input) `)`
    `into` `(` $inits `:` type($inits) `)`
    attr-dict-with-keyword (`->` type($results)^)?
  }];
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitsMutable(); }
  }];
  let hasVerifier = 1;
}

def Kernel_NormOp : Kernel_RowsOp<"norm", [AttrSizedOperandSegments]> {
  let summary = "LayerNorm or RMSNorm of rows, or of each group of their columns";
  let description = [{
        result[r, c] = (x[r, c] - mean) / sqrt(var + eps) * w[c] + b[c]

    over a row, or each group of `group` columns of it; `rms` without the mean.
    Sums run in 16 partial sums by column mod 16, then a fixed tree. `norm_weights`
    are w and b: none, w, or w and b.

    Constraints: (c1) at most 2 weights; (c2) groups divide the row evenly;
    (c3) weights are at least as long as what is normalised; (c4) one destination
    as wide as the input.

    ```mlir
    func.func @f(%step: !kernel.step, %x: tensor<512x8xf32>, %w: memref<8xf32>) -> tensor<512x8xf32> {
      %r = kernel.norm rows of %step(%x : tensor<512x8xf32>) norm (%w : memref<8xf32>)
          into (%x : tensor<512x8xf32>)
          attributes {norm = #kernel.normalise<kind = rms, eps = 1.0e-5 : f64, group = 0>}
          -> tensor<512x8xf32>
      return %r : tensor<512x8xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_CountAttr:$count, Kernel_StepType:$step, RowsOf:$input,
                       Variadic<VectorOf>:$normWeights, Variadic<RowsOf>:$inits,
                       Kernel_NormAttr:$norm);
  let assemblyFormat = [{
    $count `of` $step `(` $input `:` type($input) `)`
    (`norm` `(` $normWeights^ `:` type($normWeights) `)`)?
    `into` `(` $inits `:` type($inits) `)`
    attr-dict-with-keyword (`->` type($results)^)?
  }];
  let hasVerifier = 1;
}

def Kernel_AttentionOp : Kernel_RowsOp<"attention", [AttrSizedOperandSegments]> {
  let summary = "Softmax attention of query rows over the cache, never storing the scores";
  let description = [{
    Works on tiles of query rows of one sequence, with all heads that share their
    keys, and blocks of 64 keys by absolute position, ascending, with a running
    maximum; what is summed is rescaled when it grows. 1,024 keys are a chunk with
    a maximum and sums of its own; these are merged in ascending order.

        result[r, h] = sum_s softmax_s(cap(scale * q[r, h] . k[s, g(h)]) + bias) v[s, g(h)]

    With the mask `prefix` each row sees as many keys as the step's `limits` say. With
    a `window` w a query at position p sees the keys from p - (p mod L) - w + 1 on,
    without a mask up to p - (p mod L) + L + w - 2, where L is the `segment` or 1; and
    the first `sinks` ones; with `global` these see all themselves. With `random` a row
    sees the segments that are drawn for its own in the repetition `round`, after all
    others and in the order of the draws; they are one chunk where there are chunks.
    `bias` has a row for each head, whose column `zero` + p(s) - p(r) is added, or the
    nearest one from 0 to columns - 16: 16 keys at a time have their biases side by
    side.

    With the mask `source` the keys are not of the rows before, but as many as
    the sequence's source has: what another step has put into the cache.

    `schedule` is the largest tile of queries x keys, or queries x columns of
    values. A second destination holds partial results: of each chunk of
    `partialRows` rows, and each head, `valueDim` rounded up to 16, and 32 more
    floats. With it a step of so few rows shares out its chunks to all threads.

    Constraints: (c1) heads share the heads of keys evenly; (c2) query rows are
    `heads * headDim` wide; (c3) a destination `heads * valueDim` wide, and
    perhaps one of partial results;
    (c4) `vectors * lanes` divides a block of 64 keys; (c5) window and
    segment are positive, sinks from 1 to 1,024, so that the first chunk has them;
    segment and sinks come with a window, a window with the mask `causal` or `none`,
    `global` with sinks and the mask `none`; (c6) `scale` is finite, `softcap` finite and positive; (c7) a bias
    has `heads` rows of at least 32 values, and a `zero`, at least 16 values from
    either end; without a bias there is no `zero`; (c8) with the mask
    `source` there are neither partial results nor a bias; (c9) `random` comes with a
    segment, the mask `none` and a round, and without partial results.

    ```mlir
    func.func @f(%step: !kernel.step, %q: tensor<512x64xf32>, %slot: index) -> tensor<512x64xf32> {
      %e = tensor.empty() : tensor<512x64xf32>
      %r = kernel.attention %step(%q : tensor<512x64xf32>) slot %slot into (%e : tensor<512x64xf32>)
          attributes {heads = 4 : i64, mask = #kernel.mask<causal>, scale = 2.5e-01 : f64,
                      cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
                      schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
          -> tensor<512x64xf32>
      return %r : tensor<512x64xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_StepType:$step, RowsOf:$query, Index:$slot,
                       Optional<TableOf>:$bias, Optional<Index>:$round,
                       Variadic<RowsOf>:$inits,
                       Positive:$heads, Kernel_MaskAttr:$mask, F64Attr:$scale,
                       OptionalAttr<I64Attr>:$window, OptionalAttr<I64Attr>:$segment,
                       OptionalAttr<I64Attr>:$sinks, UnitAttr:$global,
                       OptionalAttr<Kernel_RandomAttr>:$random,
                       OptionalAttr<F64Attr>:$softcap,
                       OptionalAttr<I64Attr>:$zero, Kernel_CacheAttr:$cache,
                       Kernel_ScheduleAttr:$schedule);
  let assemblyFormat = [{
    $step `(` $query `:` type($query) `)` `slot` $slot
    (`bias` `(` $bias^ `:` type($bias) `)`)? (`round` $round^)?
    `into` `(` $inits `:` type($inits) `)`
    attr-dict-with-keyword (`->` type($results)^)?
  }];
  let extraClassDeclaration = destination # [{
    static constexpr int64_t partialRows = 64;
    static constexpr int64_t chunkBlocks = 16;
    /// Chunks of the longest sequence.
    static int64_t chunksOf(CacheAttr cache) {
      return (cache.getBlocks() + chunkBlocks - 1) / chunkBlocks;
    }
    /// Floats of a partial result of one head.
    static int64_t partialWidth(CacheAttr cache) {
      return cache.paddedValueDim() + 32;
    }
  }];
  let hasVerifier = 1;
}

def Kernel_ScoreAttentionOp : Kernel_RowsOp<"score_attention"> {
  let summary = "Attention of query rows over the cache with scores as weights";
  let description = [{
    Works on query rows one by one and blocks of 64 keys by absolute position:

        result[r, h] = sum_s w[r, h, s] v[s, g(h)] / divisor      (s ascending, one fma each)
        linear: w = scale * q[r, h] . k[s, g(h)];  relu: max(w, 0);  hard: 1 / n for the n best rows

    `weights` divides by the sum of the weights (16 partial sums by key mod 16, then a
    fixed tree; 0 / 0 is 0), `number` by the number of rows seen. `hidden` rows at a
    sequence's end are seen by nobody.

    Constraints: (c1) heads share the heads of keys evenly; (c2) query rows are
    `heads * headDim` wide; (c3) one destination, `heads * valueDim` wide;
    (c4) `vectors * lanes` divides a block of 64 keys; (c5) `hidden` is not negative,
    and 0 with a causal mask; (c6) `scale` is finite; (c7) the mask is `none` or
    `causal`.

    ```mlir
    func.func @f(%step: !kernel.step, %q: tensor<512x64xf32>, %slot: index) -> tensor<512x64xf32> {
      %e = tensor.empty() : tensor<512x64xf32>
      %r = kernel.score_attention linear of %step(%q : tensor<512x64xf32>) slot %slot
          into (%e : tensor<512x64xf32>)
          attributes {heads = 4 : i64, mask = #kernel.mask<none>, divisor = #kernel.divisor<number>,
                      scale = 1.0 : f64, hidden = 1 : i64,
                      cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
                      schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
          -> tensor<512x64xf32>
      return %r : tensor<512x64xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_ScoresAttr:$scores, Kernel_StepType:$step, RowsOf:$query,
                       Index:$slot, Variadic<RowsOf>:$inits, Positive:$heads,
                       Kernel_MaskAttr:$mask, Kernel_DivisorAttr:$divisor, F64Attr:$scale,
                       I64Attr:$hidden, Kernel_CacheAttr:$cache,
                       Kernel_ScheduleAttr:$schedule);
  let assemblyFormat = [{
    $scores `of` $step `(` $query `:` type($query) `)` `slot` $slot
    `into` `(` $inits `:` type($inits) `)`
    attr-dict-with-keyword (`->` type($results)^)?
  }];
  let hasVerifier = 1;
}

include "dialects/Kernel/MovementOps.td"
include "dialects/Kernel/ExpertOps.td"
include "dialects/Kernel/ExitOps.td"
include "dialects/Kernel/GridAttentionOp.td"
include "dialects/Kernel/HeadMatmulOp.td"
include "dialects/Kernel/LinearAttentionOps.td"
include "dialects/Kernel/DepthwiseOp.td"

def Kernel_TapWeightsOp : Kernel_TapsOp<"tap_weights", [AttrSizedOperandSegments]> {
  let summary = "Softmax weights of query rows over the cache, to where the caller wants them";
  let description = [{
        tap(row)[round][h, s] = softmax_s(cap(scale * q[row, h] . k[s, g(h)]) + bias)

    and 0 where the row does not see s; with `scores` what the softmax is of, and
    -inf there. Masks are those of `kernel.attention`. The attention beside it takes its own way to its weights, which it
    never stores.

    Constraints: (c1) heads share the heads of keys evenly; (c2) query rows are
    `heads * headDim` wide; (c3) the tap has `heads` times a column for each row of
    a sequence, at most as many as the cache holds; (c4) windows,
    segments, sinks and what is drawn are as those of `kernel.attention`; (c5) so is a
    bias; (c6) `scale` is finite; (c7) the rows of a source have no bias; (c8) firsts
    and rows to skip are as those of `kernel.tap`.

    ```mlir
    func.func @f(%step: !kernel.step, %q: tensor<512x64xf32>, %slot: index, %round: index) {
      kernel.tap_weights %step(%q : tensor<512x64xf32>) slot %slot round %round
          {heads = 4 : i64, mask = #kernel.mask<causal>, scale = 2.5e-01 : f64,
           cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
           tap = #kernel.tap<number = 0, name = "attention.weights", rounds = 1, heads = 4, columns = 1000>}
      return
    }
    ```
  }];
  let arguments = (ins Kernel_StepType:$step, RowsOf:$query, Index:$slot,
                       Optional<TableOf>:$bias, Index:$round,
                       Variadic<WordsOf>:$firsts, Positive:$heads,
                       Kernel_MaskAttr:$mask, F64Attr:$scale,
                       OptionalAttr<I64Attr>:$window, OptionalAttr<I64Attr>:$segment,
                       OptionalAttr<I64Attr>:$sinks, UnitAttr:$global,
                       OptionalAttr<Kernel_RandomAttr>:$random,
                       OptionalAttr<F64Attr>:$softcap,
                       OptionalAttr<I64Attr>:$zero, Kernel_CacheAttr:$cache,
                       Kernel_TapAttr:$tap, OptionalAttr<Positive>:$capacity,
                       DefaultValuedAttr<I64Attr, "0">:$skip, UnitAttr:$scores);
  let assemblyFormat = [{
    $step `(` $query `:` type($query) `)` `slot` $slot
    (`bias` `(` $bias^ `:` type($bias) `)`)? `round` $round
    (`firsts` `(` $firsts^ `:` type($firsts) `)`)? attr-dict
  }];
  let hasVerifier = 1;
}

#endif // DIALECTS_KERNEL_KERNELOPS_TD
