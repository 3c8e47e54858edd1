// Mixtures of experts: each expert works on a list of the rows that chose it.
#ifndef DIALECTS_KERNEL_EXPERTOPS_TD
#define DIALECTS_KERNEL_EXPERTOPS_TD

include "dialects/Kernel/KernelOpBase.td"

def Kernel_RouteOp : Kernel_RowsOp<"route", [AttrSizedOperandSegments]> {
  let summary = "Scores of experts become their weights in each row, 0 for all but the best";
  let description = [{
        result[r, e] = scale * p[r, e] / norm   for the topK columns with the largest scores

    of equal scores the first. `softmax`: p = exp(scores - their maximum), and norm
    is the sum of all p; `sigmoid`: p = 1 / (1 + exp(-scores)), and norm is 1. With
    `normalise` norm is the sum of the chosen p. Sums run in 16 partial sums by
    column mod 16, then a fixed tree.

    With a correction, which is added to p (of `softmax` divided by its sum), that
    is compared in place of the scores, and with `twoBest` p is. Of `groups` of
    columns the `topGroups` with the largest of what is compared take part, or
    with `twoBest` the largest sum of two. A second destination holds what is
    compared.

    Constraints: (c1) topK lies between 1 and the number of columns in as many
    groups; (c2) a destination as wide as the scores, and with a correction or
    groups another one; (c3) scale is finite; (c4) groups divide the columns
    evenly, and topGroups lies between 1 and groups; (c5) a correction has a
    value for each column; (c6) the two best are of two columns or more.

    ```mlir
    func.func @f(%step: !kernel.step, %s: tensor<512x8xf32>) -> tensor<512x8xf32> {
      %r = kernel.route softmax rows of %step(%s : tensor<512x8xf32>) into (%s : tensor<512x8xf32>)
          attributes {topK = 2 : i64, normalise, scale = 1.0 : f64} -> tensor<512x8xf32>
      return %r : tensor<512x8xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_RouterAttr:$router, Kernel_CountAttr:$count,
                       Kernel_StepType:$step, RowsOf:$scores, Optional<VectorOf>:$correction,
                       Variadic<RowsOf>:$inits, I64Attr:$topK,
                       DefaultValuedAttr<I64Attr, "1">:$groups,
                       DefaultValuedAttr<I64Attr, "1">:$topGroups, UnitAttr:$twoBest,
                       UnitAttr:$normalise, F64Attr:$scale);
  let extraClassDeclaration = destination # [{
    /// What is compared has a place of its own.
    bool compares() { return getCorrection() || getGroups() > 1; }
  }];
  let assemblyFormat = [{
    $router $count `of` $step `(` $scores `:` type($scores) `)`
    (`corrected` `by` `(` $correction^ `:` type($correction) `)`)?
    `into` `(` $inits `:` type($inits) `)`
    attr-dict-with-keyword (`->` type($results)^)?
  }];
  let hasVerifier = 1;
}

def Kernel_ListRowsOp : Kernel_Op<"list_rows", [DestinationStyleOpInterface]> {
  let summary = "For each expert the numbers of the rows that chose it, ascending";
  let description = [{
        result[e, 0] = how many rows r have gates[r, e] other than 0
        result[e, 1 + i] = the i-th of them

    Constraint: (c1) one destination, a row of it for each column of the gates, one
    wider than there are rows of gates.

    ```mlir
    func.func @f(%step: !kernel.step, %g: tensor<512x8xf32>, %l: tensor<8x513xi32>) -> tensor<8x513xi32> {
      %r = kernel.list_rows rows of %step(%g : tensor<512x8xf32>) into (%l : tensor<8x513xi32>)
          attributes {} -> tensor<8x513xi32>
      return %r : tensor<8x513xi32>
    }
    ```
  }];
  let arguments = (ins Kernel_CountAttr:$count, Kernel_StepType:$step, RowsOf:$gates,
                       Variadic<WordRowsOf>:$inits);
  let results = (outs Variadic<2DTensorOf<[I32]>>:$results);
  let assemblyFormat = [{
    $count `of` $step `(` $gates `:` type($gates) `)`
    `into` `(` $inits `:` type($inits) `)`
    attr-dict-with-keyword (`->` type($results)^)?
  }];
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitsMutable(); }
  }];
  let hasVerifier = 1;
}

def Kernel_ChosenStepOp : Kernel_Op<"chosen_step"> {
  let summary = "A copy of the step whose `chosen` rows are so many";
  let description = [{
    Kernels that work on `chosen` rows of it do what they do for as many rows at
    the beginning of their buffers. It is overwritten when the op runs again.

    ```mlir
    func.func @f(%step: !kernel.step, %n: index) -> index {
      %part = kernel.chosen_step %n of %step
      %same = kernel.count chosen of %part
      return %same : index
    }
    ```
  }];
  let arguments = (ins Index:$rows, Kernel_StepType:$step);
  let results = (outs Kernel_StepType:$result);
  let assemblyFormat = "$rows `of` $step attr-dict";
}

def Kernel_TakeRowsOp : Kernel_RowsOp<"take_rows"> {
  let summary = "The rows that chose an expert, one after the other";
  let description = [{
        result[i] = input[list[expert, 1 + i]]   for the chosen rows of the step

    Constraint: (c1) one destination as wide as the input.

    ```mlir
    func.func @f(%step: !kernel.step, %x: tensor<512x8xf32>, %l: tensor<8x513xi32>, %e: index,
                 %to: tensor<512x8xf32>) -> tensor<512x8xf32> {
      %r = kernel.take_rows %step(%x : tensor<512x8xf32>) by (%l : tensor<8x513xi32>) of %e
          into (%to : tensor<512x8xf32>) attributes {} -> tensor<512x8xf32>
      return %r : tensor<512x8xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_StepType:$step, RowsOf:$input, WordRowsOf:$list, Index:$expert,
                       Variadic<RowsOf>:$inits);
  let assemblyFormat = [{
    $step `(` $input `:` type($input) `)` `by` `(` $list `:` type($list) `)` `of` $expert
    `into` `(` $inits `:` type($inits) `)` attr-dict-with-keyword (`->` type($results)^)?
  }];
  let hasVerifier = 1;
}

def Kernel_AddRowsOp : Kernel_RowsOp<"add_rows"> {
  let summary = "Adds what an expert made of its rows to the rows that chose it";
  let description = [{
        result[r] += gates[r, expert] * input[i]   for r = list[expert, 1 + i], one fma each

    for the chosen rows of the step; the other rows stay as they are.

    Constraint: (c1) one destination as wide as the input.

    ```mlir
    func.func @f(%step: !kernel.step, %x: tensor<512x8xf32>, %g: tensor<512x4xf32>,
                 %l: tensor<4x513xi32>, %e: index, %to: tensor<512x8xf32>) -> tensor<512x8xf32> {
      %r = kernel.add_rows %step(%x : tensor<512x8xf32>) times (%g : tensor<512x4xf32>)
          by (%l : tensor<4x513xi32>) of %e into (%to : tensor<512x8xf32>) attributes {} -> tensor<512x8xf32>
      return %r : tensor<512x8xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_StepType:$step, RowsOf:$input, RowsOf:$gates, WordRowsOf:$list,
                       Index:$expert, Variadic<RowsOf>:$inits);
  let assemblyFormat = [{
    $step `(` $input `:` type($input) `)` `times` `(` $gates `:` type($gates) `)`
    `by` `(` $list `:` type($list) `)` `of` $expert
    `into` `(` $inits `:` type($inits) `)` attr-dict-with-keyword (`->` type($results)^)?
  }];
  let hasVerifier = 1;
}

#endif // DIALECTS_KERNEL_EXPERTOPS_TD
