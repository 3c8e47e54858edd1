// Ops that bring rows in, put them together and take them out.
#ifndef DIALECTS_KERNEL_MOVEMENTOPS_TD
#define DIALECTS_KERNEL_MOVEMENTOPS_TD

include "dialects/Kernel/KernelOpBase.td"

def Kernel_EmbedOp : Kernel_RowsOp<"embed"> {
  let summary = "Rows of a table by token id, times a scale";
  let description = [{
        result[r] = scale * table[token(r)]

    The table is a matrix `[V][M]`, or the panels of a kernel.weight in `format`
    that a matmul reads as well, which tied logits share with it.

    Constraints: (c1) a table of two dimensions, or three in panels; (c2) one
    destination as wide as the table; (c3) `scale` is finite; (c4) the table is
    stored as `format` says.

    ```mlir
    func.func @f(%step: !kernel.step, %table: memref<100x8xf32>, %x: tensor<512x8xf32>) -> tensor<512x8xf32> {
      %r = kernel.embed %step(%table : memref<100x8xf32>) into (%x : tensor<512x8xf32>)
          attributes {scale = 1.0 : f64} -> tensor<512x8xf32>
      return %r : tensor<512x8xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_StepType:$step, AnyMemRef:$table, Variadic<RowsOf>:$inits,
                       F64Attr:$scale, WeightFormat:$format);
  let assemblyFormat = [{
    $step `(` $table `:` type($table) `)` `into` `(` $inits `:` type($inits) `)`
    attr-dict-with-keyword (`->` type($results)^)?
  }];
  let hasVerifier = 1;
}

def Kernel_PatchesOp : Kernel_RowsOp<"patches"> {
  let summary = "Pixels of image patches as rows, behind `skip` free rows a sequence";
  let description = [{
    Row with position p >= skip holds patch p - skip of its sequence's image
    [channels, height, width], flattened channel first. Patches are `stride`
    pixels apart, `size` without, and begin `pad` pixels before the image, around
    which all is zero.

    Constraints: (c1) three positive image sizes; (c2) patches divide the image
    evenly where there is neither a stride nor a pad, else fit into it; (c3) `skip`
    and `pad` are not negative; (c4) one destination, `channels * size * size`
    wide.

    ```mlir
    func.func @f(%step: !kernel.step, %x: tensor<128x12xf32>) -> tensor<128x12xf32> {
      %r = kernel.patches %step into (%x : tensor<128x12xf32>)
          attributes {image = array<i64: 3, 8, 8>, size = 2 : i64, skip = 1 : i64} -> tensor<128x12xf32>
      return %r : tensor<128x12xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_StepType:$step, Variadic<RowsOf>:$inits,
                       DenseI64ArrayAttr:$image, Positive:$size, I64Attr:$skip,
                       OptionalAttr<Positive>:$stride, DefaultValuedAttr<I64Attr, "0">:$pad);
  let assemblyFormat = [{
    $step `into` `(` $inits `:` type($inits) `)` attr-dict-with-keyword (`->` type($results)^)?
  }];
  let hasVerifier = 1;
}

def Kernel_TypesOp : Kernel_RowsOp<"types"> {
  let summary = "Adds to each row, or puts in its place, a table's row by the row's type";
  let description = [{
        result[r] = result[r] + table[type(r)]
        result[r] = table[type(r) - 1]            with `replace`, where type(r) > 0

    The step's `types` say the type of a row.

    Constraint: (c1) one destination as wide as the table.

    ```mlir
    func.func @f(%step: !kernel.step, %table: memref<2x8xf32>, %x: tensor<128x8xf32>) -> tensor<128x8xf32> {
      %r = kernel.types %step(%table : memref<2x8xf32>) into (%x : tensor<128x8xf32>)
          attributes {replace} -> tensor<128x8xf32>
      return %r : tensor<128x8xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_StepType:$step, AnyMemRef:$table, Variadic<RowsOf>:$inits,
                       UnitAttr:$replace);
  let assemblyFormat = [{
    $step `(` $table `:` type($table) `)` `into` `(` $inits `:` type($inits) `)`
    attr-dict-with-keyword (`->` type($results)^)?
  }];
  let hasVerifier = 1;
}

def Kernel_UnfoldedStepOp : Kernel_Op<"unfolded_step"> {
  let summary = "A step with the rows that windows make of each sequence";
  let description = [{
    A copy of the step whose rows, positions, starts, tiles of at most `tile`
    rows, caches and sources, as many as rows of the sequence, are those of the
    windows. `firsts` has for each of its rows the first row of the same sequence
    in the step itself. Sequences are whole in it.

    Constraint: (c1) `firsts` and `positions` are `[rows]`, `tiles` `[rows][4]`,
    `caches` `[rows][2]` halves of pointers; `starts` and `sources` are vectors.

    ```mlir
    func.func @f(%step: !kernel.step, %f: memref<512xi32>, %p: memref<512xi32>, %s: memref<513xi32>,
                 %t: memref<512x4xi32>, %c: memref<512x2xi32>, %o: memref<512xi32>) -> index {
      %made = kernel.unfolded_step %step by
          #kernel.windows<size = 3, stride = 2, pad = 1, lines = 0, columns = 0, skip = 0> tile = 16
          into (%f, %p, %s, %t, %c, %o : memref<512xi32>, memref<512xi32>, memref<513xi32>,
                memref<512x4xi32>, memref<512x2xi32>, memref<512xi32>)
      %n = kernel.count rows of %made
      return %n : index
    }
    ```
  }];
  let arguments = (ins Kernel_StepType:$step, Kernel_WindowsAttr:$windows, Positive:$tile,
                       WordsOf:$firsts, WordsOf:$positions, WordsOf:$starts, WordsOf:$tiles,
                       WordsOf:$caches, WordsOf:$sources);
  let results = (outs Kernel_StepType:$result);
  let assemblyFormat = [{
    $step `by` $windows `tile` `=` $tile `into` `(` $firsts `,` $positions `,` $starts `,` $tiles
    `,` $caches `,` $sources `:` type($firsts) `,` type($positions) `,` type($starts) `,`
    type($tiles) `,` type($caches) `,` type($sources) `)` attr-dict
  }];
  let hasVerifier = 1;
}

def Kernel_MadeStepOp : Kernel_Op<"made_step"> {
  let summary = "A copy of the step with other rows, as its arrays say";
  let description = [{
    ```mlir
    func.func @f(%step: !kernel.step, %n: index, %p: memref<512xi32>, %s: memref<513xi32>,
                 %t: memref<512x4xi32>, %c: memref<512x2xi32>, %o: memref<512xi32>) -> index {
      %made = kernel.made_step %n rows, %n tiles of %step (%p, %s, %t, %c, %o : memref<512xi32>,
          memref<513xi32>, memref<512x4xi32>, memref<512x2xi32>, memref<512xi32>)
      %same = kernel.count rows of %made
      return %same : index
    }
    ```
  }];
  let arguments = (ins Index:$rows, Index:$tile_count, Kernel_StepType:$step, WordsOf:$positions,
                       WordsOf:$starts, WordsOf:$tiles, WordsOf:$caches, WordsOf:$sources);
  let results = (outs Kernel_StepType:$result);
  let assemblyFormat = [{
    $rows `rows` `,` $tile_count `tiles` `of` $step `(` $positions `,` $starts `,` $tiles `,`
    $caches `,` $sources `:` type($positions) `,` type($starts) `,` type($tiles) `,`
    type($caches) `,` type($sources) `)` attr-dict
  }];
}

def Kernel_UnfoldOp : Kernel_RowsOp<"unfold", [AttrSizedOperandSegments]> {
  let summary = "Neighbours side by side: the rows that a window sees, as one";
  let description = [{
    Row with position p >= skip of `made` holds what window p - skip sees of the
    input's rows of its sequence, zeros outside. With C channels in windows of
    size K, (y, x) in the window and c of it is in column

        channels: (c*K + y)*K + x      rows: (y*K + x)*C + c
        columns:  (x*K + y)*C + c

    On the rows of a sequence windows have one line: c*K + x and x*C + c. Without
    `firsts` there are as many windows as rows, `made` is the step itself, and the
    input's rows have as many free ones before them.

    Constraints: (c1) one destination, of all that a window sees; (c2) `firsts`
    are there unless size is 2 pad + 1 and stride 1.

    ```mlir
    func.func @f(%step: !kernel.step, %made: !kernel.step, %firsts: memref<512xi32>,
                 %x: tensor<512x8xf32>) -> tensor<512x24xf32> {
      %e = tensor.empty() : tensor<512x24xf32>
      %r = kernel.unfold channels of %step to %made(%x : tensor<512x8xf32>)
          by #kernel.windows<size = 3, stride = 2, pad = 1, lines = 0, columns = 0, skip = 0>
          firsts (%firsts : memref<512xi32>) into (%e : tensor<512x24xf32>)
          attributes {} -> tensor<512x24xf32>
      return %r : tensor<512x24xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_OrderAttr:$order, Kernel_StepType:$step, Kernel_StepType:$made,
                       RowsOf:$input, Optional<WordsOf>:$firsts, Variadic<RowsOf>:$inits,
                       Kernel_WindowsAttr:$windows);
  let assemblyFormat = [{
    $order `of` $step `to` $made `(` $input `:` type($input) `)` `by` $windows
    (`firsts` `(` $firsts^ `:` type($firsts) `)`)? `into` `(` $inits `:` type($inits) `)`
    attr-dict-with-keyword (`->` type($results)^)?
  }];
  let hasVerifier = 1;
}

def Kernel_SourceStepOp : Kernel_Op<"source_step"> {
  let summary = "A copy of the step whose sequences see the rows of another";
  let description = [{
    The sources of its sequences are as long as the same sequences of `made`.

    ```mlir
    func.func @f(%step: !kernel.step, %made: !kernel.step) -> index {
      %seen = kernel.source_step %step of %made
      %n = kernel.count tiles of %seen
      return %n : index
    }
    ```
  }];
  let arguments = (ins Kernel_StepType:$step, Kernel_StepType:$made);
  let results = (outs Kernel_StepType:$result);
  let assemblyFormat = "$step `of` $made attr-dict";
}

def Kernel_MixOp : Kernel_RowsOp<"mix"> {
  let summary = "Sums of all rows of a sequence, by the weights in a table";
  let description = [{
        result[r] = sum_t table[position(r), t] * input[start + t]

    of the rows r of `made`, as many of each sequence as the table has, and all
    rows t of that sequence, in order.

    Constraint: (c1) one destination as wide as the input.

    ```mlir
    func.func @f(%step: !kernel.step, %made: !kernel.step,
                 %table: memref<4x16xf32>, %x: tensor<512x8xf32>) -> tensor<512x8xf32> {
      %e = tensor.empty() : tensor<512x8xf32>
      %r = kernel.mix %step to %made(%x : tensor<512x8xf32>) by (%table : memref<4x16xf32>)
          into (%e : tensor<512x8xf32>)
          attributes {} -> tensor<512x8xf32>
      return %r : tensor<512x8xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_StepType:$step, Kernel_StepType:$made, RowsOf:$input,
                       TableOf:$table, Variadic<RowsOf>:$inits);
  let assemblyFormat = [{
    $step `to` $made `(` $input `:` type($input) `)` `by` `(` $table `:` type($table) `)` `into` `(` $inits `:` type($inits) `)`
    attr-dict-with-keyword (`->` type($results)^)?
  }];
  let hasVerifier = 1;
}

def Kernel_PrependOp : Kernel_RowsOp<"prepend"> {
  let summary = "Overwrites rows of each sequence, from its row `first` on, by a table";
  let description = [{
        result[r] = table[position(r) - first]   where that is a row of the table

    Constraint: (c1) one destination as wide as the table.

    ```mlir
    func.func @f(%step: !kernel.step, %table: memref<1x8xf32>, %x: tensor<128x8xf32>) -> tensor<128x8xf32> {
      %r = kernel.prepend %step(%table : memref<1x8xf32>) into (%x : tensor<128x8xf32>)
          attributes {} -> tensor<128x8xf32>
      return %r : tensor<128x8xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_StepType:$step, TableOf:$table, Variadic<RowsOf>:$inits,
                       DefaultValuedAttr<I64Attr, "0">:$first);
  let assemblyFormat = [{
    $step `(` $table `:` type($table) `)` `into` `(` $inits `:` type($inits) `)`
    attr-dict-with-keyword (`->` type($results)^)?
  }];
  let hasVerifier = 1;
}

def Kernel_GatherOp : Kernel_RowsOp<"gather"> {
  let summary = "The rows whose output the caller wants";
  let description = [{
        result[i] = input[outputs[i]]

    Constraint: (c1) one destination as wide as the input.

    ```mlir
    func.func @f(%step: !kernel.step, %x: tensor<512x8xf32>) -> tensor<512x8xf32> {
      %e = tensor.empty() : tensor<512x8xf32>
      %r = kernel.gather %step(%x : tensor<512x8xf32>) into (%e : tensor<512x8xf32>)
          attributes {} -> tensor<512x8xf32>
      return %r : tensor<512x8xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_StepType:$step, RowsOf:$input, Variadic<RowsOf>:$inits);
  let assemblyFormat = [{
    $step `(` $input `:` type($input) `)` `into` `(` $inits `:` type($inits) `)`
    attr-dict-with-keyword (`->` type($results)^)?
  }];
  let hasVerifier = 1;
}

def Kernel_PoolOp : Kernel_RowsOp<"pool"> {
  let summary = "One row for each sequence: its first, its last or the mean";
  let description = [{
    Constraint: (c1) one destination as wide as the input.

    ```mlir
    func.func @f(%step: !kernel.step, %x: tensor<512x8xf32>) -> tensor<512x8xf32> {
      %e = tensor.empty() : tensor<512x8xf32>
      %r = kernel.pool mean of %step(%x : tensor<512x8xf32>) into (%e : tensor<512x8xf32>)
          attributes {} -> tensor<512x8xf32>
      return %r : tensor<512x8xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_PoolAttr:$kind, Kernel_StepType:$step, RowsOf:$input,
                       Variadic<RowsOf>:$inits);
  let assemblyFormat = [{
    $kind `of` $step `(` $input `:` type($input) `)` `into` `(` $inits `:` type($inits) `)`
    attr-dict-with-keyword (`->` type($results)^)?
  }];
  let hasVerifier = 1;
}

def Kernel_RowTapOp : Kernel_Op<"row_tap", [Pure]> {
  let summary = "Where the caller wants what a tap hands out of one row; null: nowhere";
  let description = [{
    With `behind` so many rows behind that one's place.

    Constraint: (c1) the result is `[rounds][floats of a row]` of the tap.

    ```mlir
    func.func @f(%step: !kernel.step, %row: index) -> memref<12x8xf32> {
      %to = kernel.row_tap %step row %row {capacity = 512 : i64,
          tap = #kernel.tap<number = 0, name = "layers.stream", rounds = 12, heads = 0, columns = 8>}
          : memref<12x8xf32>
      return %to : memref<12x8xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_StepType:$step, Index:$row, Optional<Index>:$behind,
                       Positive:$capacity, Kernel_TapAttr:$tap);
  let results = (outs MemRefRankOf<[F32], [2]>:$result);
  let assemblyFormat = [{
    $step `row` $row (`behind` $behind^)? attr-dict `:` type($result)
  }];
  let hasVerifier = 1;
}

/// Reads rows, writes what the caller has given room for. Where the rows are not
/// those of the caller's step (`made` of the tap), the place of a sequence's first
/// one is that of the first row that goes in: `firsts` of kernel.unfolded_step lead
/// there, the last windows' first, and `capacity` is the most rows of the caller's
/// step. `skip` rows of a sequence come before those that there are already.
class Kernel_TapsOp<string mnemonic, list<Trait> traits = []>
    : Kernel_Op<mnemonic, [DestinationStyleOpInterface] # traits> {
  code nowhere = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      return ::mlir::MutableOperandRange(getOperation(), 0, 0);
    }
  }];
  let extraClassDeclaration = nowhere;
}

def Kernel_TapOp : Kernel_TapsOp<"tap"> {
  let summary = "Copies rows to where the caller wants them";
  let description = [{
        tap(row)[round] = input[row]

    Heads whose first `turned` columns are rotated in halves lie with partners side by
    side (see `rotaryDim` in compiler/Weights/Layout.h); the caller gets column d and
    d + turned/2 of a head from columns 2d and 2d + 1.

    Of rows that windows or a prepend have made the tap says `made`; its rows are
    counted from each sequence's first one, behind `skip`.

    Constraints: (c1) rows are as wide as the tap says; (c2) `turned` is even, not
    negative and at most the columns of the tap, which has heads then; (c3) firsts
    come with the capacity of the step that they lead to, and they, or rows to skip,
    with a tap of rows that are made.

    ```mlir
    func.func @f(%step: !kernel.step, %x: tensor<512x8xf32>, %round: index) {
      kernel.tap %step(%x : tensor<512x8xf32>) round %round
          {tap = #kernel.tap<number = 0, name = "layers.stream", rounds = 12, heads = 0, columns = 8>}
      return
    }
    func.func @merged(%made: !kernel.step, %x: tensor<128x8xf32>, %round: index, %firsts: memref<128xi32>) {
      kernel.tap %made(%x : tensor<128x8xf32>) round %round firsts (%firsts : memref<128xi32>)
          {tap = #kernel.tap<number = 0, name = "merged", rounds = 1, heads = 0, columns = 8, made = 16>,
           capacity = 512 : i64}
      return
    }
    ```
  }];
  let arguments = (ins Kernel_StepType:$step, RowsOf:$input, Index:$round,
                       Variadic<WordsOf>:$firsts, Kernel_TapAttr:$tap,
                       OptionalAttr<Positive>:$capacity,
                       DefaultValuedAttr<I64Attr, "0">:$skip,
                       DefaultValuedAttr<I64Attr, "0">:$turned);
  let assemblyFormat = [{
    $step `(` $input `:` type($input) `)` `round` $round
    (`firsts` `(` $firsts^ `:` type($firsts) `)`)? attr-dict
  }];
  let hasVerifier = 1;
}

def Kernel_JoinHeadsOp : Kernel_RowsOp<"join_heads"> {
  let summary = "Rows of heads, each with the same columns at its end, or with its own from elsewhere";
  let description = [{
    With A own columns a head and B to follow,

        result[r, h*(A+B)+i] = i < A ? own[r, h*A+i] : rest[r, i-A]

    or, with `from` = F, rest[r, h*(F+B)+F+i-A].

    Constraints: (c1) the heads divide the own columns and, with `from`, those of
    the rest into heads of more columns than that; (c2) one destination, as wide
    as the own columns and, for each head, those that follow.

    ```mlir
    func.func @f(%step: !kernel.step, %own: tensor<512x6xf32>, %shared: tensor<512x2xf32>)
        -> tensor<512x10xf32> {
      %e = tensor.empty() : tensor<512x10xf32>
      %r = kernel.join_heads 2 of %step(%own, %shared : tensor<512x6xf32>, tensor<512x2xf32>)
          into (%e : tensor<512x10xf32>) attributes {} -> tensor<512x10xf32>
      return %r : tensor<512x10xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_StepType:$step, RowsOf:$own, RowsOf:$rest,
                       Variadic<RowsOf>:$inits, Positive:$heads,
                       DefaultValuedAttr<ConfinedAttr<I64Attr, [IntNonNegative]>, "0">:$from,
                       DefaultValuedAttr<Kernel_CountAttr, "::kernel::Count::Rows">:$count);
  let assemblyFormat = [{
    $heads `of` $step `(` $own `,` $rest `:` type($own) `,` type($rest) `)`
    `into` `(` $inits `:` type($inits) `)` attr-dict-with-keyword
    (`->` type($results)^)?
  }];
  let extraClassDeclaration = destination # [{
    /// Columns that follow those of a head.
    int64_t restOfHead();
  }];
  let hasVerifier = 1;
}

#endif // DIALECTS_KERNEL_MOVEMENTOPS_TD
