#ifndef DIALECTS_KERNEL_HEADMATMULOP_TD
#define DIALECTS_KERNEL_HEADMATMULOP_TD

include "dialects/Kernel/KernelOpBase.td"

def Kernel_HeadMatmulOp : Kernel_RowsOp<"head_matmul"> {
  let summary = "Each head of a row times a packed weight of its own";
  let description = [{
        result[r, h*N + n] = sum_k input[r, h*S + k] * weight_h[n, k]    (k ascending to `depth`)

    for `heads` heads of S columns and n < N. The panels of a head follow each
    other; where N does not fill them the last one ends in zeros. Nothing is fused
    into it: `kernel.matmul`, whose outputs see whole rows, has regions for that.

    Constraints: (c1) the heads divide the input's columns and the result's;
    (c2) a head of the input has `depth` columns; (c3) the weight is as deep as
    `depth`; (c4) a panel is `vectors * lanes` wide, and each head has whole ones;
    (c5) weight and rows are of one format, as those of kernel.matmul; (c6) where
    rows are words, heads begin with one, of integers with a group of 32.

    ```mlir
    func.func @f(%step: !kernel.step, %x: tensor<512x8xf32>, %w: memref<2x3x48xf32>, %y: tensor<512x10xf32>)
        -> tensor<512x10xf32> {
      %r = kernel.head_matmul 2 of rows of %step(%x : tensor<512x8xf32>) by (%w : memref<2x3x48xf32>)
          into (%y : tensor<512x10xf32>)
          attributes {depth = 3 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>}
          -> tensor<512x10xf32>
      return %r : tensor<512x10xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_CountAttr:$count, Kernel_StepType:$step, FactorRowsOf:$input,
                       PanelsOf:$weight, Variadic<RowsOf>:$inits, Positive:$heads,
                       Positive:$depth, Kernel_ScheduleAttr:$schedule, WeightFormat:$format);
  let assemblyFormat = [{
    $heads `of` $count `of` $step `(` $input `:` type($input) `)`
    `by` `(` $weight `:` type($weight) `)` `into` `(` $inits `:` type($inits) `)`
    attr-dict-with-keyword (`->` type($results)^)?
  }];
  let extraClassDeclaration = destination # [{
    /// N, and from one head of the input to the next, in its elements.
    int64_t outputs();
    int64_t stride();
  }];
  let hasVerifier = 1;
}

#endif // DIALECTS_KERNEL_HEADMATMULOP_TD
