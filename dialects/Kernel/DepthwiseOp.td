#ifndef DIALECTS_KERNEL_DEPTHWISEOP_TD
#define DIALECTS_KERNEL_DEPTHWISEOP_TD

include "dialects/Kernel/KernelOpBase.td"

def Kernel_DepthwiseOp : Kernel_RowsOp<"depthwise", [AttrSizedOperandSegments]> {
  let summary = "The rows that a window sees, weighed column by column";
  let description = [{
    Row with position p >= skip of `made` is, of window p - skip as
    `kernel.unfold` has it, whose P places are numbered line by line,

        result[r, c] = bias[c] + sum_i weight[c, i] * place_i[c]    (i ascending)

    of the places that are there. The weight is in panels of `vectors * lanes`
    columns, [panels, P, columns], zeros behind the last. `rows` of a line whose
    windows lie inside of it as a whole are made at a time; a row has the same
    bits in either case.

    Constraints: (c1) one destination, as wide as the input; (c2) `firsts` are
    there unless size is 2 pad + 1 and stride 1; (c3) the weight has panels for
    all columns, as deep as there are places; (c4) a bias fills them.

    ```mlir
    func.func @f(%step: !kernel.step, %made: !kernel.step, %firsts: memref<512xi32>,
                 %x: tensor<512x40xf32>, %w: memref<2x9x32xf32>, %b: memref<192xf32>)
        -> tensor<512x40xf32> {
      %e = tensor.empty() : tensor<512x40xf32>
      %r = kernel.depthwise of %step to %made(%x : tensor<512x40xf32>)
          by (%w : memref<2x9x32xf32>) bias (%b : memref<192xf32>)
          windows <size = 3, stride = 2, pad = 1, lines = 7, columns = 9, skip = 0>
          firsts (%firsts : memref<512xi32>) into (%e : tensor<512x40xf32>)
          attributes {schedule = #kernel.schedule<rows = 4, vectors = 2, lanes = 16>}
          -> tensor<512x40xf32>
      return %r : tensor<512x40xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_StepType:$step, Kernel_StepType:$made, RowsOf:$input,
                       PanelsOf:$weight, Optional<VectorOf>:$bias, Optional<WordsOf>:$firsts,
                       Variadic<RowsOf>:$inits, Kernel_WindowsAttr:$windows,
                       Kernel_ScheduleAttr:$schedule);
  let assemblyFormat = [{
    `of` $step `to` $made `(` $input `:` type($input) `)` `by` `(` $weight `:` type($weight) `)`
    (`bias` `(` $bias^ `:` type($bias) `)`)? `windows` $windows
    (`firsts` `(` $firsts^ `:` type($firsts) `)`)? `into` `(` $inits `:` type($inits) `)`
    attr-dict-with-keyword (`->` type($results)^)?
  }];
  let hasVerifier = 1;
}

#endif // DIALECTS_KERNEL_DEPTHWISEOP_TD
