// The layers of transformers. Accessors are named as the operands here; the
// order of operands and attributes is that of the text and of the builders.
#ifndef DIALECTS_TRANSFORMER_TRANSFORMEROPS_TD
#define DIALECTS_TRANSFORMER_TRANSFORMEROPS_TD

include "dialects/Transformer/TransformerOpBase.td"

include "dialects/Transformer/InputOps.td"

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

def Transformer_HeadLinearOp : Transformer_Op<"head_linear", [InferTypeOpAdaptor]> {
  let summary = "Multiplies each head of a row by a matrix of its own";
  let description = [{
    A row has H heads of S columns, of which the first K are multiplied:

        result[r,h*N+n] = sum_k x[r,h*S+k] * w[h,n,k] + bias[h*N+n]

    where w[h,n,k] is weight[h*N+n,k] of a weight [H*N, K], or, `transposed`,
    weight[h*K+k,n] of a weight [H*K, N]; without a bias nothing is added.
    `transformer.linear` lets every output see the whole row.

    Attention over narrow rows (DeepSeek-AI 2024) moves its maps from these to
    keys and values over to queries and results by it: q . (W c) = (q W) . c.
    After `transformer.unfold channels` it makes a convolution in groups.

    Constraints: (c1) heads is positive and divides the width of x and the rows
    of the weight; (c2) a head of x has K columns or more; (c3) the bias has a
    value for each column of the result.

    Example: two heads of 4 columns, of which 3 become 5.

    ```mlir
    %y = transformer.head_linear %x, %plain heads = 2
        : tensor<?x8xf32>, tensor<10x3xf32>
    %z = transformer.head_linear %x, %turned transposed heads = 2
        : tensor<?x8xf32>, tensor<6x5xf32>
    ```
  }];
  let arguments = (ins Transformer_Matrix:$x, Transformer_Table:$weight,
                       Optional<Transformer_Vector>:$bias,
                       UnitAttr:$transposed, Transformer_Size:$heads);
  let results = (outs Transformer_Matrix:$result);
  let assemblyFormat = [{
    $x `,` $weight (`transposed` $transposed^)? (`bias` $bias^)?
    `heads` `=` $heads attr-dict
    `:` type($x) `,` type($weight) (`,` type($bias)^)?
  }];
  let extraClassDeclaration = [{
    /// Columns of a head that come in (K) and out (N), from a weight's shape.
    int64_t depth();
    int64_t outputs();
  }];
  let hasVerifier = 1;
}

def Transformer_ActivationOp : Transformer_RowwiseOp<"activation"> {
  let summary = "Applies a nonlinear function to each value";
  let description = [{
        relu:         max(x, 0)
        relu2:        max(x, 0)^2
        gelu:         x * (1 + erf(x / sqrt(2))) / 2
        gelu_tanh:    x * (1 + tanh(sqrt(2/pi) * (x + 0.044715 * x^3))) / 2
        silu:         x / (1 + exp(-x))
        tanh:         tanh(x)
        elu_plus_one: x + 1 above 0, else exp(x)
        exp:          exp(x)
        quick_gelu:   x / (1 + exp(-1.702 * x))
        sigmoid:      1 / (1 + exp(-x))
        log_sigmoid:  -log(1 + exp(-x))

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

def Transformer_GainOp : Transformer_RowwiseOp<"gain"> {
  let summary = "Multiplies each column by a learned number of its own";
  let description = [{
        result[r,m] = weight[m] * x[r,m]

    `transformer.scale` multiplies all columns by one number that is not learned.

    Constraints: (c1) there is a weight for each column.

    Example: LayerScale after a branch.

    ```mlir
    %y = transformer.gain %x, %w : tensor<?x8xf32>, tensor<8xf32>
    ```
  }];
  let arguments = (ins Transformer_Matrix:$x, Transformer_Vector:$weight);
  let assemblyFormat = "$x `,` $weight attr-dict `:` type($x) `,` type($weight)";
  let hasVerifier = 1;
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

def Transformer_JoinHeadsOp : Transformer_Op<"join_heads", [InferTypeOpAdaptor]> {
  let summary = "Puts columns that heads share, or have elsewhere, behind their own";
  let description = [{
    With H heads, A own columns a head and B to follow, of each row r

        result[r,h*(A+B)+i] = i < A ? own[r,h*A+i] : rest[r,i-A]

    where `rest` has B columns for all heads, or, with `from = F`, H heads of F+B
    columns, of which those from F on follow: rest[r,h*(F+B)+F+i-A].

    Keys of multi-head latent attention are made so (DeepSeek-AI 2024): the
    shared columns are those that are rotated. With one head the rows of two
    matrices stand side by side, as the outputs of a model of several.

    Constraints: (c1) heads is positive and divides the width of the own rows;
    (c2) `from` is not negative; where it is not 0, heads divides the width of
    the rest into heads of more columns than that.

    Example: two heads of 3 own columns and 2 shared ones; and of the last 2 of
    each head of others.

    ```mlir
    %k = transformer.join_heads %own, %shared heads = 2
        : tensor<?x6xf32>, tensor<?x2xf32>
    %q = transformer.join_heads %own, %others from = 3 heads = 2
        : tensor<?x6xf32>, tensor<?x10xf32>
    ```
  }];
  let arguments = (ins Transformer_Matrix:$own, Transformer_Matrix:$rest,
                       DefaultValuedAttr<Transformer_Size, "0">:$from,
                       Transformer_Size:$heads);
  let results = (outs Transformer_Matrix:$result);
  let assemblyFormat = [{
    $own `,` $rest (`from` `=` $from^)? `heads` `=` $heads attr-dict
    `:` type($own) `,` type($rest)
  }];
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

def Transformer_UnfoldOp : Transformer_Op<"unfold", [InferTypeOpAdaptor]> {
  let summary = "Puts the neighbours of each place side by side into one row";
  let description = [{
    Windows of `size` x `size` rows lie on a grid of Y lines and X columns, on
    which the rows of each sequence stand line by line, as those of
    `transformer.patches` do; a window begins `stride` places after the one
    before, the first of them `pad` places outside. Each makes a row of all that
    it sees, zeros where there is nothing. With K = size, of the window (a, b) and
    its neighbour (y, x),

        value[c, y, x] = x[(a*stride - pad + y)*X + b*stride - pad + x, c]
        channels: result[.., (c*K + y)*K + x] = value[c, y, x]
        rows:     result[.., (y*K + x)*C + c] = value[c, y, x]
        columns:  result[.., (x*K + y)*C + c] = value[c, y, x]

    There are floor((Y + 2*pad - K) / stride) + 1 lines of windows and columns
    likewise. Without a grid windows of `size` rows lie on the sequence itself,
    of any length, as on the only line of a grid: T rows become
    floor((T + 2*pad - K) / stride) + 1. A sequence that no window fits into is
    refused by the runtime.

    `made` are the rows of the result: what looks at sequences and positions
    behind it takes these. A `transformer.linear` after `channels` makes a
    convolution, whose weight is [outputs, C*K*K] as PyTorch flattens its own.

    `transformer.patches` unfolds pixels.

    Constraints: (c1) size and stride are positive, the pad is not negative and
    less than size; (c2) the grid has two positive sides; (c3) a window fits into
    the grid with its pad; (c4) x are rows of `rows`, if another unfold made one
    of the two.

    Example: a convolution of stride 2 over a grid of 8 x 8 rows, over sequences
    of rows, and the merging of patches.

    ```mlir
    %y, %coarse = transformer.unfold channels %x, %rows size = 3 stride = 2 pad = 1
        grid = [8, 8] : tensor<?x8xf32>
    %s, %half = transformer.unfold channels %x, %rows size = 3 stride = 2 pad = 1
        : tensor<?x8xf32>
    %m, %merged = transformer.unfold columns %x, %rows size = 2 stride = 2 pad = 0
        grid = [8, 8] : tensor<?x8xf32>
    ```
  }];
  let arguments = (ins Transformer_OrderAttr:$order, Transformer_Matrix:$x,
                       Transformer_Rows:$rows, Transformer_Size:$size,
                       Transformer_Size:$stride, Transformer_Size:$pad,
                       OptionalAttr<DenseI64ArrayAttr>:$grid);
  let results = (outs Transformer_Matrix:$result, Transformer_Rows:$made);
  let assemblyFormat = [{
    `` $order $x `,` $rows `size` `=` $size `stride` `=` $stride `pad` `=` $pad
    (`grid` `=` $grid^)? attr-dict `:` type($x)
  }];
  let extraClassDeclaration = [{
    Windows windows() { return {getSize(), getStride(), getPad()}; }
    /// Rows of a sequence of `rows`.
    int64_t madeOf(int64_t rows);
  }];
  let hasVerifier = 1;
}

def Transformer_DepthwiseOp : Transformer_Op<"depthwise", [InferTypeOpAdaptor]> {
  let summary = "Weighs the rows of a window, each column with weights of its own";
  let description = [{
    x are windows of P places of C columns, as `transformer.unfold rows` makes
    them:

        result[r,c] = bias[c] + sum_p weight[c,p] * x[r,p*C+c]    (p ascending)

    weight is [C, P], as PyTorch flattens that of a convolution of as many groups
    as columns; without a bias nothing is added. Weights are vectors, one of each
    place: f32 always. The windows need not be made: `kernel.depthwise` reads the
    rows that they see.

    `transformer.head_linear` makes convolutions of wider groups.

    Constraints: (c1) x is the result of `transformer.unfold rows`; (c2) its
    windows have P places of C columns; (c3) the bias has C values.

    Example: a convolution of stride 1 over the grid, column by column.

    ```mlir
    %seen, %same = transformer.unfold rows %x, %rows size = 3 stride = 1 pad = 1
        grid = [8, 8] : tensor<?x8xf32>
    %y = transformer.depthwise %seen, %places bias %w
        : tensor<?x72xf32>, tensor<8x9xf32>, tensor<8xf32>
    ```
  }];
  let arguments = (ins Transformer_Matrix:$x, Transformer_Table:$weight,
                       Optional<Transformer_Vector>:$bias);
  let results = (outs Transformer_Matrix:$result);
  let assemblyFormat = [{
    $x `,` $weight (`bias` $bias^)? attr-dict
    `:` type($x) `,` type($weight) (`,` type($bias)^)?
  }];
  let extraClassDeclaration = [{
    /// What makes the windows.
    UnfoldOp windows();
  }];
  let hasVerifier = 1;
}

def Transformer_MixOp : Transformer_Op<"mix", [InferTypeOpAdaptor]> {
  let summary = "Makes a few rows of each sequence, sums of all of its rows";
  let description = [{
    With T rows in the sequence, which becomes as many rows as the table has,

        result[i,:] = sum_t table[i,t] * x[t,:]    for t in 0..T-1

    so that a shorter sequence uses the first columns alone. `made` are the rows
    of the result, as those of `transformer.unfold` are.

    Linformer's keys and values are maps of such rows (Wang et al. 2020).

    The table has a column for each row of the longest sequence.

    Example: sequences of up to 16 rows become 4.

    ```mlir
    %few, %four = transformer.mix %x, %rows, %mixtures
        : tensor<?x8xf32>, tensor<4x16xf32>
    ```
  }];
  let arguments = (ins Transformer_Matrix:$x, Transformer_Rows:$rows,
                       Transformer_Table:$table);
  let results = (outs Transformer_Matrix:$result, Transformer_Rows:$made);
  let assemblyFormat = [{
    $x `,` $rows `,` $table attr-dict `:` type($x) `,` type($table)
  }];
}

def Transformer_TapOp : Transformer_RowwiseOp<"tap"> {
  let summary = "Lets the caller look at rows, and hands them on";
  let description = [{
        result = x

    The caller may have the rows as they are here, under the name; in a loop
    those of each repetition. With `heads` a row is so many of them, one after
    the other.

    Constraints: (c1) the name is not empty; (c2) heads are positive and divide
    the row.

    Example: the residual stream behind a block, the queries of two heads.

    ```mlir
    %y = transformer.tap "layers.stream" %x : tensor<?x8xf32>
    %q = transformer.tap "layers.attention.queries" %x heads = 2 : tensor<?x8xf32>
    ```
  }];
  let arguments = (ins StrAttr:$name, Transformer_Matrix:$x,
                       OptionalAttr<Transformer_Size>:$heads);
  let assemblyFormat = "$name $x (`heads` `=` $heads^)? attr-dict `:` type($x)";
  let hasVerifier = 1;
}

def Transformer_ExitOp : Transformer_RowwiseOp<"exit"> {
  let summary = "Ends the sequences whose scores are sure enough";
  let description = [{
        result = x

    The scores have a row for each sequence. With

        p[s] = max softmax(scores[s,:])

    a sequence with p[s] >= above leaves: row s of what the function returns is
    scores[s,:], of several exits the first one's, and nothing behind is
    computed of it (BranchyNet, Teerapittayanon et al. 2016; DeeBERT, Xin et al.
    2020). Each sequence decides by itself.

    Constraints: (c1) above lies between 0 and 1.

    Example: a classifier of two classes, which an exit may come before.

    ```mlir
    %first = transformer.pool first %x, %rows : tensor<?x8xf32>
    %scores = transformer.linear %first, %two : tensor<?x8xf32>, tensor<2x8xf32>
    %y = transformer.exit %x, %scores, %rows above = 0.9
        : tensor<?x8xf32>, tensor<?x2xf32>
    ```
  }];
  let arguments = (ins Transformer_Matrix:$x, Transformer_Matrix:$scores,
                       Transformer_Rows:$rows, Transformer_Real:$above);
  let assemblyFormat = [{
    $x `,` $scores `,` $rows `above` `=` $above attr-dict
    `:` type($x) `,` type($scores)
  }];
  let hasVerifier = 1;
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

include "dialects/Transformer/AttentionOps.td"
include "dialects/Transformer/LinearAttentionOps.td"
include "dialects/Transformer/ExpertOps.td"

#endif // DIALECTS_TRANSFORMER_TRANSFORMEROPS_TD
