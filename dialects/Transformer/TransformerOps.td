// The layers of transformers. Accessors are named as the operands here; the
// order of operands and attributes is that of the text and of the builders.
#ifndef DIALECTS_TRANSFORMER_TRANSFORMEROPS_TD
#define DIALECTS_TRANSFORMER_TRANSFORMEROPS_TD

include "dialects/Transformer/TransformerOpBase.td"

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

    With a `stride` of its own patches begin so many pixels apart, and with a
    `pad` so many before the image, around which all is zero: line and column
    are a*stride - pad + y and b*stride - pad + x, and
    Y = floor((height + 2*pad - size) / stride) + 1, X likewise.

    Constraints: (c1) size is positive; (c2) height and width are multiples of
    size where there is neither a stride nor a pad; (c3) the stride is positive,
    and the pad not negative and less than size; (c4) a patch fits into the image
    with its pad.

    Example: images of 28 x 28 grey values in patches of 7 x 7; the same in
    patches that overlap.

    ```mlir
    %x = transformer.patches %images size = 7 : tensor<?x1x28x28xf32>
    %y = transformer.patches %images size = 7 stride = 4 pad = 2
        : tensor<?x1x28x28xf32>
    ```
  }];
  let arguments = (ins Transformer_Images:$images, Transformer_Size:$size,
                       OptionalAttr<Transformer_Size>:$stride,
                       DefaultValuedAttr<Transformer_Size, "0">:$pad);
  let results = (outs Transformer_Matrix:$result);
  let assemblyFormat = [{
    $images `size` `=` $size (`stride` `=` $stride^)? (`pad` `=` $pad^)?
    attr-dict `:` type($images)
  }];
  let extraClassDeclaration = [{
    Windows windows() {
      return {getSize(), getStride().value_or(getSize()), getPad()};
    }
  }];
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

def Transformer_QueriesOp : Transformer_Op<"queries", [InferTypeOpAdaptor]> {
  let summary = "Makes each sequence of the rows of a table";
  let description = [{
        result[r,:] = table[p(r),:]

    p(r) is the position of row r in its sequence, and every sequence has as many
    rows as the table: the object queries of a decoder (Carion et al. 2020),
    which reads nothing but its encoder's rows.

    `transformer.embed` chooses rows of a table by tokens.

    Example: three rows for each source.

    ```mlir
    %x = transformer.queries %rows, %table : tensor<3x8xf32>
    ```
  }];
  let arguments = (ins Transformer_Rows:$rows, Transformer_Table:$table);
  let results = (outs Transformer_Matrix:$result);
  let assemblyFormat = "$rows `,` $table attr-dict `:` type($table)";
}

def Transformer_TypesOp : Transformer_RowwiseOp<"types"> {
  let summary = "Adds the vector of each row's type, or puts it in the row's place";
  let description = [{
        result[r,:] = x[r,:] + table[type(r),:]

    or, with `replace`,

        result[r,:] = type(r) = 0 ? x[r,:] : table[type(r) - 1,:]

    The caller says the type of every row of the input; it is part of `rows`.
    Adding is for segments of a text (Devlin et al. 2019), replacing for rows
    that a model has to guess (He et al. 2022). `transformer.position` is for
    what follows from a row's place.

    Constraints: (c1) a row of the table is as wide as a row of x.

    Example: two segments; a mask token.

    ```mlir
    %y = transformer.types %x, %rows, %two : tensor<?x8xf32>, tensor<2x8xf32>
    %z = transformer.types %x, %rows, %one replace
        : tensor<?x8xf32>, tensor<1x8xf32>
    ```
  }];
  let arguments = (ins Transformer_Matrix:$x, Transformer_Rows:$rows,
                       Transformer_Table:$table, UnitAttr:$replace);
  let assemblyFormat = [{
    $x `,` $rows `,` $table (`replace` $replace^)? attr-dict
    `:` type($x) `,` type($table)
  }];
  let hasVerifier = 1;
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
  let summary = "Puts columns that all heads share behind each head's own";
  let description = [{
    With H heads, A own columns a head and B shared ones, of each row r

        result[r,h*(A+B)+i] = i < A ? own[r,h*A+i] : shared[r,i-A]

    Keys of multi-head latent attention are made so (DeepSeek-AI 2024): the
    shared columns are those that are rotated. With one head the rows of two
    matrices stand side by side, as the outputs of a model of several.

    Constraints: (c1) heads is positive and divides the width of the own rows.

    Example: two heads of 3 own columns and 2 shared ones.

    ```mlir
    %k = transformer.join_heads %own, %shared heads = 2
        : tensor<?x6xf32>, tensor<?x2xf32>
    ```
  }];
  let arguments = (ins Transformer_Matrix:$own, Transformer_Matrix:$shared,
                       Transformer_Size:$heads);
  let results = (outs Transformer_Matrix:$result);
  let assemblyFormat = [{
    $own `,` $shared `heads` `=` $heads attr-dict `:` type($own) `,` type($shared)
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
    those of each repetition.

    Constraints: (c1) the name is not empty.

    Example: the residual stream behind a block.

    ```mlir
    %y = transformer.tap "layers.stream" %x : tensor<?x8xf32>
    ```
  }];
  let arguments = (ins StrAttr:$name, Transformer_Matrix:$x);
  let assemblyFormat = "$name $x attr-dict `:` type($x)";
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
include "dialects/Transformer/ExpertOps.td"

#endif // DIALECTS_TRANSFORMER_TRANSFORMEROPS_TD
