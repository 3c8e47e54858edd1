// What layers begin with: parameters, rows of the input, and what is known of
// each row.
#ifndef DIALECTS_TRANSFORMER_INPUTOPS_TD
#define DIALECTS_TRANSFORMER_INPUTOPS_TD

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

#endif // DIALECTS_TRANSFORMER_INPUTOPS_TD
