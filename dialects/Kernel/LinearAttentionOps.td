#ifndef DIALECTS_KERNEL_LINEARATTENTIONOPS_TD
#define DIALECTS_KERNEL_LINEARATTENTIONOPS_TD

include "dialects/Kernel/KernelOpBase.td"

def Kernel_RandomFeaturesOp : Kernel_RowsOp<"random_features"> {
  let summary = "Positive features of each head of a row by a packed weight for all of them";
  let description = [{
    For `heads` heads of D columns, N features of each and n < N

        p[n] = D^(-1/4) sum_d input[r, h*D + d] * weight[n, d]         (d ascending, one fma each)
        result[r, h*N + n] = exp(p[n] - D^(-1/2) / 2 * |input[r, h]|^2) * N^(-1/2)
        relative:            exp(p[n] - max_m p[m])

    The square has 16 partial sums by d mod 16, then a fixed tree. Where N does not
    fill the weight's panels of 64 the last one ends in zeros.

    Constraints: (c1) the heads divide the input's columns and the result's;
    (c2) the weight is as deep as a head of the input; (c3) it has the panels of N.

    ```mlir
    func.func @f(%step: !kernel.step, %x: tensor<512x8xf32>, %w: memref<1x4x64xf32>, %y: tensor<512x10xf32>)
        -> tensor<512x10xf32> {
      %r = kernel.random_features 2 of rows of %step(%x : tensor<512x8xf32>) by (%w : memref<1x4x64xf32>)
          into (%y : tensor<512x10xf32>) attributes {relative} -> tensor<512x10xf32>
      return %r : tensor<512x10xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_CountAttr:$count, Kernel_StepType:$step, RowsOf:$input,
                       PanelsOf:$weight, Variadic<RowsOf>:$inits, Positive:$heads,
                       UnitAttr:$relative);
  let assemblyFormat = [{
    $heads `of` $count `of` $step `(` $input `:` type($input) `)`
    `by` `(` $weight `:` type($weight) `)` `into` `(` $inits `:` type($inits) `)`
    attr-dict-with-keyword (`->` type($results)^)?
  }];
  let extraClassDeclaration = destination # [{
    static constexpr int64_t panel = 64;
    int64_t headDim(); ///< D
    int64_t features(); ///< N
  }];
  let hasVerifier = 1;
}

def Kernel_LinearAttentionOp
    : Kernel_RowsOp<"linear_attention", [AttrSizedOperandSegments]> {
  let summary = "Attention by sums over the rows so far, kept in the cache";
  let description = [{
    For each sequence and head of keys, row by row in order of position, from sums
    of 0 at position 0:

        S[d, e] += k[r, d] v[r, e];  z[d] += k[r, d]                (one fma, one sum each)
        result[r, h, e] = sum_d q[r, h, d] S[d, e] / divisor        (d ascending, one fma each)

    With `decay`, for each row and head of keys or the same for all rows, the sums
    are multiplied by it before a row is added: S is rounded in between, z is one
    fma. With `delta`, for each row and head of keys, S takes of v[r, e]

        delta[r] * (v[r, e] - sum_d k[r, d] S[d, e])           (d ascending, one fma each)

    in its place, of an S that has decayed already; there is no z then. Without a mask all rows are summed up before the first is answered, with
    `prefix` as many as the step's `limits` say. `weights` divides by q . z (16
    partial sums by d mod 16, then a fixed tree; 0 / 0 is 0), `number` by the number
    of rows seen.

    Constraints: (c1) heads share the heads of keys evenly; (c2) query rows are
    `heads * headDim` wide, key rows `kvHeads * headDim` and value rows
    `kvHeads * valueDim`; (c3) one destination, `heads * valueDim` wide; (c4) the
    mask is not `source`; (c5) a decay comes with the mask `causal` and not with the
    divisor `number`, and has `kvHeads` columns, as a vector at least as many values;
    (c6) a delta comes with the mask `causal` and the divisor `one`, and has `kvHeads`
    columns.

    ```mlir
    func.func @f(%step: !kernel.step, %q: tensor<512x64xf32>, %k: tensor<512x32xf32>,
                 %v: tensor<512x48xf32>, %d: tensor<512x2xf32>, %slot: index) -> tensor<512x96xf32> {
      %e = tensor.empty() : tensor<512x96xf32>
      %r = kernel.linear_attention %step(%q, %k, %v : tensor<512x64xf32>, tensor<512x32xf32>, tensor<512x48xf32>)
          slot %slot decay (%d : tensor<512x2xf32>) into (%e : tensor<512x96xf32>)
          attributes {heads = 4 : i64, mask = #kernel.mask<causal>, divisor = #kernel.divisor<weights>,
                      state = #kernel.state<kvHeads = 2, headDim = 16, valueDim = 24>}
          -> tensor<512x96xf32>
      return %r : tensor<512x96xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_StepType:$step, RowsOf:$query, RowsOf:$key, RowsOf:$value,
                       Index:$slot, Optional<OperandOf>:$decay, Optional<RowsOf>:$delta,
                       Variadic<RowsOf>:$inits,
                       Positive:$heads, Kernel_MaskAttr:$mask, Kernel_DivisorAttr:$divisor,
                       Kernel_StateAttr:$state);
  let assemblyFormat = [{
    $step `(` $query `,` $key `,` $value `:` type($query) `,` type($key) `,` type($value) `)`
    `slot` $slot (`decay` `(` $decay^ `:` type($decay) `)`)?
    (`delta` `(` $delta^ `:` type($delta) `)`)?
    `into` `(` $inits `:` type($inits) `)`
    attr-dict-with-keyword (`->` type($results)^)?
  }];
  let hasVerifier = 1;
}

def Kernel_ShortConvOp : Kernel_RowsOp<"short_conv", [AttrSizedOperandSegments]> {
  let summary = "Rows weighed with those before them, which the cache keeps";
  let description = [{
    For each sequence, row by row, with weights for P rows and x of 0 before position 0,

        result[r, c] = bias[c] + sum_p weight[c, p] * x[r - (P-1) + p, c]   (p ascending, one fma each)

    The weight is in panels of `vectors * lanes` columns, [panels, P, columns], zeros
    behind the last. The sequence's slot holds f32 [P-1][panels * columns], its last
    rows, the latest at the end.

    Constraints: (c1) one destination, as wide as the input; (c2) the weight has
    panels for all columns, of P >= 2 rows; (c3) a bias fills them.

    ```mlir
    func.func @f(%step: !kernel.step, %x: tensor<512x40xf32>, %w: memref<2x4x32xf32>,
                 %b: memref<192xf32>, %slot: index) -> tensor<512x40xf32> {
      %e = tensor.empty() : tensor<512x40xf32>
      %r = kernel.short_conv %step(%x : tensor<512x40xf32>) by (%w : memref<2x4x32xf32>)
          bias (%b : memref<192xf32>) slot %slot into (%e : tensor<512x40xf32>)
          attributes {schedule = #kernel.schedule<rows = 1, vectors = 2, lanes = 16>}
          -> tensor<512x40xf32>
      return %r : tensor<512x40xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_StepType:$step, RowsOf:$input, PanelsOf:$weight,
                       Optional<VectorOf>:$bias, Index:$slot, Variadic<RowsOf>:$inits,
                       Kernel_ScheduleAttr:$schedule);
  let assemblyFormat = [{
    $step `(` $input `:` type($input) `)` `by` `(` $weight `:` type($weight) `)`
    (`bias` `(` $bias^ `:` type($bias) `)`)? `slot` $slot
    `into` `(` $inits `:` type($inits) `)` attr-dict-with-keyword (`->` type($results)^)?
  }];
  let extraClassDeclaration = destination # [{
    int64_t depth(); ///< P
    int64_t paddedColumns();
    /// Of a sequence's slot: of a weight of that type.
    static int64_t slotBytes(mlir::MemRefType weight);
  }];
  let hasVerifier = 1;
}

#endif // DIALECTS_KERNEL_LINEARATTENTIONOPS_TD
