// Sequences that leave early: which ones are left, and the step without the others.
#ifndef DIALECTS_KERNEL_EXITOPS_TD
#define DIALECTS_KERNEL_EXITOPS_TD

include "dialects/Kernel/KernelOpBase.td"

def Kernel_RemainAllOp : Kernel_Op<"remain_all"> {
  let summary = "Notes that no sequence has left";
  let description = [{
    `left` then has the numbers of rows, sequences and tiles of the step, and
    behind these, for each sequence that is left, its number in the output.

    Constraint: (c1) `left` is a vector with room for more than the three numbers.

    ```mlir
    func.func @f(%step: !kernel.step, %left: memref<515xi32>) {
      kernel.remain_all %step in (%left : memref<515xi32>)
      return
    }
    ```
  }];
  let arguments = (ins Kernel_StepType:$step, WordsOf:$left);
  let assemblyFormat = "$step `in` `(` $left `:` type($left) `)` attr-dict";
  let hasVerifier = 1;
}

def Kernel_RemainingStepOp : Kernel_Op<"remaining_step"> {
  let summary = "A copy of the step with as many rows, sequences and tiles as are left";
  let description = [{
    Its arrays are the step's own, whose first entries are what is left. It is
    overwritten when the op runs again.

    Constraint: (c1) `left` is as that of `kernel.remain_all`.

    ```mlir
    func.func @f(%step: !kernel.step, %left: memref<515xi32>) -> index {
      %now = kernel.remaining_step %step of (%left : memref<515xi32>)
      %n = kernel.count rows of %now
      return %n : index
    }
    ```
  }];
  let arguments = (ins Kernel_StepType:$step, WordsOf:$left);
  let results = (outs Kernel_StepType:$result);
  let assemblyFormat = "$step `of` `(` $left `:` type($left) `)` attr-dict";
  let hasVerifier = 1;
}

def Kernel_LeaveOp : Kernel_RowsOp<"leave"> {
  let summary = "Puts out the scores of sequences that leave, and moves the others together";
  let description = [{
    Sequence s leaves if

        1 / sum_c exp(scores[s, c] - max scores[s, :]) >= above

    where the sum runs in 16 partial sums by column mod 16, then a fixed tree;
    without `above` all leave. Its scores become the output's row of the number
    that `left` has for it. Rows of the destination that belong to the others,
    and what the arrays of the step and `left` say of them, move to the front in
    order: so the step must be one whose arrays may be written. Its tiles have
    at most `tile` rows.

    Constraints: (c1) at most one destination, and one where `above` is said;
    (c2) above lies between 0 and 1; (c3) `left` is as that of
    `kernel.remain_all`, with room for as many sequences as there are scores.

    ```mlir
    func.func @f(%step: !kernel.step, %s: tensor<512x2xf32>, %left: memref<515xi32>,
                 %x: tensor<512x8xf32>) -> tensor<512x8xf32> {
      %r = kernel.leave %step(%s : tensor<512x2xf32>) of (%left : memref<515xi32>)
          into (%x : tensor<512x8xf32>) attributes {above = 0.9 : f64, tile = 6 : i64}
          -> tensor<512x8xf32>
      return %r : tensor<512x8xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_StepType:$step, RowsOf:$scores, WordsOf:$left,
                       Variadic<RowsOf>:$inits, OptionalAttr<F64Attr>:$above, Positive:$tile);
  let assemblyFormat = [{
    $step `(` $scores `:` type($scores) `)` `of` `(` $left `:` type($left) `)`
    (`into` `(` $inits^ `:` type($inits) `)`)? attr-dict-with-keyword
    (`->` type($results)^)?
  }];
  let hasVerifier = 1;
}

#endif // DIALECTS_KERNEL_EXITOPS_TD
