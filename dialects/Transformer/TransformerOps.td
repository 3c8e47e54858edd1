// The layers of transformers. Accessors are named as the operands here; the
// order of operands and attributes is that of the text and of the builders.
#ifndef DIALECTS_TRANSFORMER_TRANSFORMEROPS_TD
#define DIALECTS_TRANSFORMER_TRANSFORMEROPS_TD

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

//===- Parameters ---------------------------------------------------------===//

def Transformer_WeightOp : Transformer_Op<"weight"> {
  let summary = "A parameter of the model, by its name";
  let description = [{
    The parameter of that name, a vector or a matrix whose rows are outputs. A
    parameter of a repeated layer has `{i}` in its name, `{j}` when there is a
    repetition around that one, and one index for each: `{i}` is the first.

    Where the values come from is not said here: programs are compiled without
    them.

    `format` is how the weights file stores a matrix, f32 without it:

    | format | a stored value |
    |---|---|
    | `bf16` | the nearest bf16, ties to even |
    | `int8` | q * s: q in -127..127, one f16 s for 32 neighbours of a row |
    | `int4` | q * s: q in -8..7, likewise |

    A product with an int8 or int4 matrix rounds its other side too: each 32
    neighbours of a row of activations to s * q with s = max / 127.

    Constraints: (c1) the name is not empty; (c2) as many indices as different
    letters in braces in the name; (c3) only a matrix has a format.

    Example: the query weight of layer `%i`, stored in 8 bits.

    ```mlir
    %w = transformer.weight "layers.{i}.attention.query.weight"[%i]
        {format = #transformer.format<int8>} : tensor<768x768xf32>
    ```
  }];
  let arguments = (ins StrAttr:$name, Variadic<Index>:$indices,
                       OptionalAttr<Transformer_FormatAttr>:$format);
  let results = (outs AnyTypeOf<[Transformer_Table, Transformer_Vector],
                                "an f32 vector or matrix of a known shape",
                                "::mlir::RankedTensorType">:$result);
  let assemblyFormat =
      "$name (`[` $indices^ `]`)? attr-dict `:` type($result)";
  let hasVerifier = 1;
}

//===- Input and position -------------------------------------------------===//

def Transformer_EmbedOp : Transformer_Op<"embed", [InferTypeOpAdaptor]> {
  let summary = "Looks up a row of a table for each token";
  let description = [{
        result[r,:] = scale * table[tokens[r],:]

    Tokens lie between 0 and V - 1: the runtime refuses others before a step.

    Constraints: (c1) the scale is finite.

    Example: a vocabulary of 64 in rows of 8 values.

    ```mlir
    %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
    ```
  }];
  let arguments = (ins Transformer_Tokens:$tokens, Transformer_Table:$table,
                       DefaultValuedAttr<Transformer_Real, "1.0">:$scale);
  let results = (outs Transformer_Matrix:$result);
  let assemblyFormat = [{
    $tokens `,` $table (`scale` `=` $scale^)? attr-dict
    `:` type($tokens) `,` type($table)
  }];
  let hasVerifier = 1;
}

def Transformer_PositionOp : Transformer_RowwiseOp<"position"> {
  let summary = "Adds the vector of each row's position";
  let description = [{
        result[r,:] = x[r,:] + table[p(r),:]

    p(r) is the position of row r in its sequence. Without a table the vectors
    are the sinusoids of Vaswani et al. 2017:

        table[p,2d]     = sin((first + p) / 10000^(2d/M))
        table[p,2d + 1] = cos((first + p) / 10000^(2d/M))

    or, with `halves`, columns d and d + M/2 in place of 2d and 2d + 1. With
    `inclusive` the exponent is d/(M/2 - 1), so that the last frequency is
    1/10000 itself.

    `transformer.rotary` is the kind of position that turns queries and keys
    instead.

    Constraints: (c1) a row of the table is as wide as a row of x; (c2) with a
    table neither `halves` nor `inclusive` nor `first`; (c3) `first` is not
    negative; (c4) without a table the width is even, and above 2 if
    `inclusive`.

    Example: learned positions of a context of 16; sinusoids in halves, counted
    from 1.

    ```mlir
    %y = transformer.position %x, %rows, %table : tensor<?x8xf32>, tensor<16x8xf32>
    %z = transformer.position %x, %rows halves first = 1 : tensor<?x8xf32>
    ```
  }];
  let arguments = (ins Transformer_Matrix:$x, Transformer_Rows:$rows,
                       Optional<Transformer_Table>:$table, UnitAttr:$halves,
                       UnitAttr:$inclusive,
                       DefaultValuedAttr<Transformer_Size, "0">:$first);
  let assemblyFormat = [{
    $x `,` $rows (`,` $table^)? (`halves` $halves^)? (`inclusive` $inclusive^)?
    (`first` `=` $first^)? attr-dict `:` type($x) (`,` type($table)^)?
  }];
  let hasVerifier = 1;
}

def Transformer_PatchesOp : Transformer_Op<"patches", [InferTypeOpAdaptor]> {
  let summary = "Cuts images into square patches, a row each";
  let description = [{
    Each image [C, height, width] is one sequence of (height/size) *
    (width/size) rows: its patches line by line from the top left. The values of
    a patch are ordered by channel, then line, then column:

        result[(n*Y + a)*X + b, (c*size + y)*size + x]
            = images[n, c, a*size + y, b*size + x]

    with Y = height/size, X = width/size. A `transformer.linear` after it makes
    the patch embedding, which equals a convolution of stride `size`.

    Constraints: (c1) size is positive; (c2) height and width are multiples of
    size.

    Example: images of 28 x 28 grey values in patches of 7 x 7.

    ```mlir
    %x = transformer.patches %images size = 7 : tensor<?x1x28x28xf32>
    ```
  }];
  let arguments = (ins Transformer_Images:$images, Transformer_Size:$size);
  let results = (outs Transformer_Matrix:$result);
  let assemblyFormat = "$images `size` `=` $size attr-dict `:` type($images)";
  let hasVerifier = 1;
}

def Transformer_InputOp : Transformer_Op<"input", [InferTypeOpAdaptor]> {
  let summary = "Takes the rows of a real-valued input as they are";
  let description = [{
        result[r,:] = reals[r,:]

    The model's input itself, as rows that other ops may work on. A
    `transformer.linear` after it maps them to the model's width.

    `transformer.embed` and `transformer.patches` make rows of other inputs.

    Example: vectors of 8 values.

    ```mlir
    %x = transformer.input %reals : tensor<?x8xf32>
    ```
  }];
  let arguments = (ins Transformer_Matrix:$reals);
  let results = (outs Transformer_Matrix:$result);
  let assemblyFormat = "$reals attr-dict `:` type($reals)";
}

def Transformer_PrependOp : Transformer_Op<"prepend", [InferTypeOpAdaptor]> {
  let summary = "Puts the same rows before the rows of each sequence";
  let description = [{
    Each sequence gets the rows of the table, in order, before its own: the class
    token of classifiers, registers. `rows` describes the rows after that: the
    rows of the table stand at the positions from 0, the others follow.

    Constraints: (c1) a row of the table is as wide as a row of x.

    Example: a class token.

    ```mlir
    %y = transformer.prepend %x, %rows, %table : tensor<?x8xf32>, tensor<1x8xf32>
    ```
  }];
  let arguments = (ins Transformer_Matrix:$x, Transformer_Rows:$rows,
                       Transformer_Table:$table);
  let results = (outs Transformer_Matrix:$result);
  let assemblyFormat = [{
    $x `,` $rows `,` $table attr-dict `:` type($x) `,` type($table)
  }];
  let hasVerifier = 1;
}

//===- Row by row ---------------------------------------------------------===//

def Transformer_NormOp
    : Transformer_RowwiseOp<"norm", [AttrSizedOperandSegments]> {
  let summary = "Normalises each row, or each group of its columns";
  let description = [{
    With the mean and the population variance of the row,

        layer: result[r,m] = (x[r,m] - mean) / sqrt(variance + eps) * w + b
        rms:   result[r,m] = x[r,m] / sqrt(mean of squares + eps) * w + b

    where w is offset + weight[m] (1 without a weight) and b is bias[m] (0
    without a bias). With `group = D` every D columns are normalised by
    themselves, all with the same weight [D]: the normalisation of the heads of
    queries and keys.

    Constraints: (c1) eps is finite and not negative; (c2) group is 0 or divides
    the width of x; (c3) weight and bias have the size of the group, or of the
    row when there is none; (c4) a bias comes with a weight.

    Example: LayerNorm; RMSNorm whose weights count from 1; RMSNorm of two heads.

    ```mlir
    %a = transformer.norm layer %x weight %w bias %w eps = 1.0e-5
        : tensor<?x8xf32>, tensor<8xf32>, tensor<8xf32>
    %b = transformer.norm rms %x weight %w eps = 1.0e-6 offset = 1.0
        : tensor<?x8xf32>, tensor<8xf32>
    %c = transformer.norm rms %x weight %half eps = 1.0e-6 group = 4
        : tensor<?x8xf32>, tensor<4xf32>
    ```
  }];
  let arguments = (ins Transformer_NormKindAttr:$kind, Transformer_Matrix:$x,
                       Optional<Transformer_Vector>:$weight,
                       Optional<Transformer_Vector>:$bias, Transformer_Real:$eps,
                       DefaultValuedAttr<Transformer_Real, "0.0">:$offset,
                       DefaultValuedAttr<Transformer_Size, "0">:$group);
  let assemblyFormat = [{
    `` $kind $x (`weight` $weight^)? (`bias` $bias^)? `eps` `=` $eps
    (`offset` `=` $offset^)? (`group` `=` $group^)? attr-dict
    `:` type($x) (`,` type($weight)^)? (`,` type($bias)^)?
  }];
  let hasVerifier = 1;
}

def Transformer_LinearOp : Transformer_Op<"linear", [InferTypeOpAdaptor]> {
  let summary = "Multiplies rows by a matrix whose rows are outputs";
  let description = [{
        result[r,n] = sum_k x[r,k] * weight[n,k] + bias[n]

    weight is [N, K]; without a bias nothing is added.

    Constraints: (c1) the width of x is K; (c2) the bias has N values.

    Example: from 8 to 32 values with a bias.

    ```mlir
    %y = transformer.linear %x, %up bias %b
        : tensor<?x8xf32>, tensor<32x8xf32>, tensor<32xf32>
    ```
  }];
  let arguments = (ins Transformer_Matrix:$x, Transformer_Table:$weight,
                       Optional<Transformer_Vector>:$bias);
  let results = (outs Transformer_Matrix:$result);
  let assemblyFormat = [{
    $x `,` $weight (`bias` $bias^)? attr-dict
    `:` type($x) `,` type($weight) (`,` type($bias)^)?
  }];
  let hasVerifier = 1;
}

def Transformer_ActivationOp : Transformer_RowwiseOp<"activation"> {
  let summary = "Applies a nonlinear function to each value";
  let description = [{
        relu:      max(x, 0)
        relu2:     max(x, 0)^2
        gelu:      x * (1 + erf(x / sqrt(2))) / 2
        gelu_tanh: x * (1 + tanh(sqrt(2/pi) * (x + 0.044715 * x^3))) / 2
        silu:      x / (1 + exp(-x))
        tanh:      tanh(x)

    A gated MLP multiplies the result with another matrix by `arith.mulf`.

    Example:

    ```mlir
    %y = transformer.activation gelu_tanh %x : tensor<?x8xf32>
    ```
  }];
  let arguments = (ins Transformer_ActivationAttr:$kind, Transformer_Matrix:$x);
  let assemblyFormat = "`` $kind $x attr-dict `:` type($x)";
  let hasFolder = 1;
}

def Transformer_ScaleOp : Transformer_RowwiseOp<"scale"> {
  let summary = "Multiplies every value by one number";
  let description = [{
        result[r,m] = factor * x[r,m]

    Constraints: (c1) the factor is finite.

    Example:

    ```mlir
    %y = transformer.scale %x by 0.0625 : tensor<?x8xf32>
    ```
  }];
  let arguments = (ins Transformer_Matrix:$x, Transformer_Real:$factor);
  let assemblyFormat = "$x `by` $factor attr-dict `:` type($x)";
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizeMethod = 1;
}

def Transformer_SoftcapOp : Transformer_RowwiseOp<"softcap"> {
  let summary = "Keeps every value softly between -cap and cap";
  let description = [{
        result[r,m] = cap * tanh(x[r,m] / cap)

    Constraints: (c1) the cap is finite and positive.

    Example: the scores of Gemma 2.

    ```mlir
    %y = transformer.softcap %x at 30.0 : tensor<?x8xf32>
    ```
  }];
  let arguments = (ins Transformer_Matrix:$x, Transformer_Real:$cap);
  let assemblyFormat = "$x `at` $cap attr-dict `:` type($x)";
  let hasVerifier = 1;
}

//===- Sequences ----------------------------------------------------------===//

def Transformer_RotaryOp : Transformer_RowwiseOp<"rotary"> {
  let summary = "Turns pairs of columns of each head by the row's position";
  let description = [{
    Every head of `head_dim` columns is turned alike. In the first `dim` columns
    of a head, pair d of dim/2 is (d, d + dim/2) with `halves` and (2d, 2d + 1)
    with `pairs`; at position p, with t = p * frequencies[d],

        (u, v) becomes magnitude * (u * cos t - v * sin t, u * sin t + v * cos t)

    The other columns stay as they are. The frequencies are in radians a
    position, with every scaling for long contexts already in them.

    Constraints: (c1) head_dim is positive and divides the width of x; (c2) dim
    is even, not negative and at most head_dim; (c3) there are dim/2 frequencies,
    all finite; (c4) the magnitude is finite.

    Example: two heads of 4.

    ```mlir
    %y = transformer.rotary halves %x, %rows head_dim = 4 dim = 4
        frequencies = [1.0, 0.01] : tensor<?x8xf32>
    ```
  }];
  let arguments = (ins Transformer_RotaryLayoutAttr:$layout,
                       Transformer_Matrix:$x, Transformer_Rows:$rows,
                       Transformer_Size:$head_dim, Transformer_Size:$dim,
                       DenseF64ArrayAttr:$frequencies,
                       DefaultValuedAttr<Transformer_Real, "1.0">:$magnitude);
  let assemblyFormat = [{
    `` $layout $x `,` $rows `head_dim` `=` $head_dim `dim` `=` $dim
    `frequencies` `=` $frequencies (`magnitude` `=` $magnitude^)? attr-dict
    `:` type($x)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Transformer_AlibiOp : Transformer_Op<"alibi", [InferTypeOpAdaptor]> {
  let summary = "A bias of attention's scores that falls evenly with distance";
  let description = [{
    A row for each head and a column for each distance from a query to a key,
    from -reach to reach, or to 0 with `causal` (Press et al. 2022):

        result[h,c] = -slopes[h] * |c - reach|

    The bias of `transformer.attention`; `transformer.relative` is the learned
    one.

    Constraints: (c1) the slopes are finite, and there are some; (c2) the reach
    is not negative.

    Example: 2 heads in a context of 16.

    ```mlir
    %b = transformer.alibi causal slopes = [0.0625, 0.00390625] reach = 15
        : tensor<2x16xf32>
    ```
  }];
  let arguments = (ins UnitAttr:$causal, DenseF64ArrayAttr:$slopes,
                       Transformer_Size:$reach);
  let results = (outs Transformer_Table:$result);
  let assemblyFormat = [{
    (`causal` $causal^)? `slopes` `=` $slopes `reach` `=` $reach attr-dict
    `:` type($result)
  }];
  let hasVerifier = 1;
}

def Transformer_RelativeOp : Transformer_Op<"relative", [InferTypeOpAdaptor]> {
  let summary = "A learned bias of attention's scores by bucket of distance";
  let description = [{
    A row for each head and a column for each distance r from a query to a key,
    from -reach to reach, or to 0 with `causal` (Raffel et al. 2020):

        result[h,c] = table[bucket(c - reach),h]

    The B rows of the table are for keys up to the query's own position with
    `causal`; else the first half is, and the other half for later keys. Of n
    buckets on a side, those below e = n/2 (rounded down) are for one distance
    each, the others grow evenly in the logarithm:

        bucket = |r| < e ? |r|
                         : min(e + floor(log(|r|/e) / log(reach/e) * (n-e)), n-1)

    Every distance from reach on is in a side's last bucket.

    Constraints: (c1) there are from 2 to 256 buckets on a side, and as many on
    both; (c2) the reach is above n/2.

    Example: T5, encoder and decoder.

    ```mlir
    %a = transformer.relative %table reach = 128 : tensor<32x8xf32>
    %b = transformer.relative causal %table reach = 128 : tensor<32x8xf32>
    ```
  }];
  let arguments = (ins UnitAttr:$causal, Transformer_Table:$table,
                       Transformer_Size:$reach);
  let results = (outs Transformer_Table:$result);
  let assemblyFormat = [{
    (`causal` $causal^)? $table `reach` `=` $reach attr-dict `:` type($table)
  }];
  let hasVerifier = 1;
}

def Transformer_AttentionOp : Transformer_Op<"attention", [InferTypeOpAdaptor]> {
  let summary = "Scaled dot-product attention with grouped keys and values";
  let description = [{
    Lets every row average the value rows of its sequence, weighted by how well
    its query matches their keys. With r a row, s the rows it sees, head h of H:

        result[r,h,:] = sum_s softmax_s(score[r,h,s]) * v[s,g(h),:]
        score[r,h,s]  = cap(scale * dot(q[r,h,:], k[s,g(h),:])) + bias(h, p(s) - p(r))

    q is [?, H*D], k is [?, G*D], v is [?, G*E] and the result [?, H*E], one head
    after the other. `g(h)` = h * G / H, rounded down, maps the H heads onto the
    G key/value heads: G = H is multi-head, G = 1 multi-query, anything between
    grouped-query attention. A row sees the rows of its own sequence, those of
    earlier steps included; with a `causal` mask only those up to its own
    position, and with `window = w` only the last w of these, itself included.
    `cap(x)` is `softcap * tanh(x / softcap)`, or x without `softcap`.

    `bias` has a row for each head and a column for each distance p(s) - p(r)
    of the rows' positions: the last one is for 0 with a `causal` mask, the
    middle one else. The outermost columns are for all distances beyond, too.
    Without it nothing is added.

    Says nothing about tiling, layout or the cache.

    Constraints: (c1) heads and kv_heads are positive, and heads is a multiple of
    kv_heads; (c2) the width of q is a multiple of heads; (c3) the width of k is
    kv_heads times the head size of q; (c4) the width of v is a multiple of
    kv_heads; (c5) the window is positive and needs a `causal` mask; (c6) scale
    is finite, softcap finite and positive; (c7) the bias has a row for each
    head, and without a `causal` mask an odd number of columns.

    Example: 8 heads of 64 share 2 heads of keys and values; 2 heads with ALiBi.

    ```mlir
    %o = transformer.attention causal %q, %k, %v, %rows heads = 8 kv_heads = 2
        scale = 0.125 window = 128
        : tensor<?x512xf32>, tensor<?x128xf32>, tensor<?x64xf32>
    %b = transformer.alibi causal slopes = [0.0625, 0.00390625] reach = 15
        : tensor<2x16xf32>
    %a = transformer.attention causal %x, %x, %x, %rows bias %b heads = 2
        kv_heads = 2 scale = 0.5 : tensor<?x8xf32>, tensor<?x8xf32>,
        tensor<?x8xf32>, tensor<2x16xf32>
    ```
  }];
  let arguments = (ins Transformer_MaskAttr:$mask, Transformer_Matrix:$q,
                       Transformer_Matrix:$k, Transformer_Matrix:$v,
                       Transformer_Rows:$rows, Optional<Transformer_Table>:$bias,
                       Transformer_Size:$heads,
                       Transformer_Size:$kv_heads, Transformer_Real:$scale,
                       OptionalAttr<Transformer_Size>:$window,
                       OptionalAttr<Transformer_Real>:$softcap);
  let results = (outs Transformer_Matrix:$result);
  let assemblyFormat = [{
    `` $mask $q `,` $k `,` $v `,` $rows (`bias` $bias^)? `heads` `=` $heads
    `kv_heads` `=` $kv_heads `scale` `=` $scale (`window` `=` $window^)?
    (`softcap` `=` $softcap^)? attr-dict
    `:` type($q) `,` type($k) `,` type($v) (`,` type($bias)^)?
  }];
  let hasVerifier = 1;
}

def Transformer_ScoreAttentionOp
    : Transformer_Op<"score_attention", [InferTypeOpAdaptor]> {
  let summary = "Attention whose weights are the scores themselves, no softmax";
  let description = [{
    As `transformer.attention`, with another way from scores to weights:

        result[r,h,:] = sum_s weight[r,h,s] * v[s,g(h),:] / norm[r,h]
        score[r,h,s]  = scale * dot(q[r,h,:], k[s,g(h),:])

        linear: weight = score
        relu:   weight = max(score, 0)
        hard:   weight = 1 / n for the n rows with the highest score, else 0

    and norm is 1 with `none`, the sum of the row's weights with `rows` (where
    that is 0, so is the result), the number of rows seen with `number`. With
    `but_last` nobody sees the last row of a sequence; a row that sees no row
    has the result 0.

    Constraints: (c1) to (c4) as those of `transformer.attention`; (c5) scale is
    finite; (c6) `hard` has `none`: it is a mean already; (c7) `but_last` needs
    the mask `none`.

    Example: one step of gradient descent in context; a count of matching rows.

    ```mlir
    %a = transformer.score_attention linear none %x, %x, %x, %rows heads = 2
        kv_heads = 2 scale = 1.0 normalise = number but_last
        : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
    %b = transformer.score_attention relu causal %x, %x, %x, %rows heads = 2
        kv_heads = 2 scale = 1.0
        : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
    ```
  }];
  let arguments = (ins Transformer_ScoresAttr:$scores, Transformer_MaskAttr:$mask,
                       Transformer_Matrix:$q, Transformer_Matrix:$k,
                       Transformer_Matrix:$v, Transformer_Rows:$rows,
                       Transformer_Size:$heads, Transformer_Size:$kv_heads,
                       Transformer_Real:$scale,
                       DefaultValuedAttr<Transformer_NormaliseAttr,
                         "::transformer::Normalise::None">:$normalise,
                       UnitAttr:$but_last);
  let results = (outs Transformer_Matrix:$result);
  let assemblyFormat = [{
    `` $scores `` $mask $q `,` $k `,` $v `,` $rows `heads` `=` $heads
    `kv_heads` `=` $kv_heads `scale` `=` $scale (`normalise` `=` `` $normalise^)?
    (`but_last` $but_last^)? attr-dict
    `:` type($q) `,` type($k) `,` type($v)
  }];
  let hasVerifier = 1;
}

def Transformer_CrossAttentionOp
    : Transformer_Op<"cross_attention", [InferTypeOpAdaptor]> {
  let summary = "Attention over the rows of another stack, an encoder's";
  let description = [{
    As `transformer.attention` with the mask `none`, but the rows s that row r
    sees are those that the encoder made of the source of r's sequence, all of
    them. Keys and values are maps of these rows, and there may be more or fewer
    of them than there are rows of queries:

        result[r,h,:] = sum_s softmax_s(score[r,h,s]) * v[s,g(h),:]
        score[r,h,s]  = cap(scale * dot(q[r,h,:], k[s,g(h),:]))

    `rows` are those of q, `source` those of k and v; sequence number n of the
    one reads sequence number n of the other.

    Constraints: (c1) to (c4) as those of `transformer.attention`; (c5) scale is
    finite, softcap finite and positive.

    Example: two heads over a source, which share their keys.

    ```mlir
    %y = transformer.cross_attention %x, %keys, %keys, %rows, %source heads = 2
        kv_heads = 1 scale = 0.5
        : tensor<?x8xf32>, tensor<?x4xf32>, tensor<?x4xf32>
    ```
  }];
  let arguments = (ins Transformer_Matrix:$q, Transformer_Matrix:$k,
                       Transformer_Matrix:$v, Transformer_Rows:$rows,
                       Transformer_Rows:$source, Transformer_Size:$heads,
                       Transformer_Size:$kv_heads, Transformer_Real:$scale,
                       OptionalAttr<Transformer_Real>:$softcap);
  let results = (outs Transformer_Matrix:$result);
  let assemblyFormat = [{
    $q `,` $k `,` $v `,` $rows `,` $source `heads` `=` $heads
    `kv_heads` `=` $kv_heads `scale` `=` $scale (`softcap` `=` $softcap^)?
    attr-dict `:` type($q) `,` type($k) `,` type($v)
  }];
  let hasVerifier = 1;
}

def Transformer_PoolOp : Transformer_Op<"pool", [InferTypeOpAdaptor]> {
  let summary = "Makes one row of each sequence";
  let description = [{
    The first row of each sequence, its last, or the mean of all its rows. The
    result has a row for each sequence of the step, in order.

    `transformer.outputs` also drops rows, but which ones is the caller's wish.

    Example: the class token of a classifier.

    ```mlir
    %y = transformer.pool first %x, %rows : tensor<?x8xf32>
    ```
  }];
  let arguments = (ins Transformer_PoolKindAttr:$kind, Transformer_Matrix:$x,
                       Transformer_Rows:$rows);
  let results = (outs Transformer_Matrix:$result);
  let assemblyFormat = "`` $kind $x `,` $rows attr-dict `:` type($x)";
}

def Transformer_OutputsOp : Transformer_Op<"outputs", [InferTypeOpAdaptor]> {
  let summary = "Keeps the rows whose output the caller wants";
  let description = [{
    Generation wants the last row of each sequence, scoring wants all: `rows`
    says it. The kept rows stay in order. Everything after it works row by row,
    so placing it early only saves work.

    `transformer.pool` also drops rows, but which ones is the model's meaning.

    Example:

    ```mlir
    %y = transformer.outputs %x, %rows : tensor<?x8xf32>
    ```
  }];
  let arguments = (ins Transformer_Matrix:$x, Transformer_Rows:$rows);
  let results = (outs Transformer_Matrix:$result);
  let assemblyFormat = "$x `,` $rows attr-dict `:` type($x)";
}

#endif // DIALECTS_TRANSFORMER_TRANSFORMEROPS_TD
