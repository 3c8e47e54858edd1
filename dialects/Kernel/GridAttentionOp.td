#ifndef DIALECTS_KERNEL_GRIDATTENTIONOP_TD
#define DIALECTS_KERNEL_GRIDATTENTIONOP_TD

include "dialects/Kernel/KernelOpBase.td"

def Kernel_GridAttentionOp : Kernel_RowsOp<"grid_attention", [AttrSizedOperandSegments]> {
  let summary = "Softmax attention within the tiles of each sequence's grid of rows";
  let description = [{
    Every sequence is whole in the step: `grid` = [height, width] rows, one line
    of the grid after the other. For each head and tile, of `tile` x `tile` rows
    or what the grid's edges leave of them, its keys and values are gathered
    beside each other, and queries read them from there:

        result[r, h] = sum_s softmax_s(scale * q[r, h] . k[s, g(h)] + bias[h*T*T + i(r), i(s)]) v[s, g(h)]

    over the rows s of r's tile, in order; i is a row's number in the whole tile,
    y*T + x for T = `tile`. Tiles end at line and column `shift`, and all T from
    there on. The sum of the weights has 16 partial sums by i mod 16, then a fixed
    tree.

    `schedule` is the largest tile of queries x keys, or queries x columns of
    values.

    Constraints: (c1) heads share the heads of keys evenly; (c2) key rows are
    `kvHeads` times as wide as a query row's head, value rows are `kvHeads` heads;
    (c3) one destination, `heads` times as wide as a head of values; (c4) the grid
    has two sizes, which `tile` divides; (c5) the shift is from 0 to below `tile`;
    (c6) `scale` is finite; (c7) the bias has `heads` * T*T rows of T*T values,
    rounded up to 16; (c8) keys and values of a tile and head are at most 65,536.

    ```mlir
    func.func @f(%step: !kernel.step, %q: tensor<512x64xf32>, %k: tensor<512x32xf32>,
                 %v: tensor<512x48xf32>, %b: memref<64x16xf32>) -> tensor<512x96xf32> {
      %e = tensor.empty() : tensor<512x96xf32>
      %r = kernel.grid_attention %step(%q, %k, %v : tensor<512x64xf32>, tensor<512x32xf32>, tensor<512x48xf32>)
          bias (%b : memref<64x16xf32>) into (%e : tensor<512x96xf32>)
          attributes {heads = 4 : i64, kvHeads = 2 : i64, grid = array<i64: 8, 12>, tile = 4 : i64,
                      shift = 2 : i64, scale = 2.5e-01 : f64,
                      schedule = #kernel.schedule<rows = 12, vectors = 2, lanes = 16>}
          -> tensor<512x96xf32>
      return %r : tensor<512x96xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_StepType:$step, RowsOf:$query, RowsOf:$key, RowsOf:$value,
                       Optional<TableOf>:$bias, Variadic<RowsOf>:$inits,
                       Positive:$heads, Positive:$kvHeads, DenseI64ArrayAttr:$grid,
                       Positive:$tile, I64Attr:$shift, F64Attr:$scale,
                       Kernel_ScheduleAttr:$schedule);
  let assemblyFormat = [{
    $step `(` $query `,` $key `,` $value `:` type($query) `,` type($key) `,` type($value) `)`
    (`bias` `(` $bias^ `:` type($bias) `)`)?
    `into` `(` $inits `:` type($inits) `)`
    attr-dict-with-keyword (`->` type($results)^)?
  }];
  let extraClassDeclaration = destination # [{
    /// Most keys and values of a head in a tile: they are on a thread's stack.
    static constexpr int64_t mostValues = 1 << 16;
    /// Columns of a bias.
    static int64_t biasColumns(int64_t tile) { return (tile * tile + 15) / 16 * 16; }
    int64_t headDim() {
      return ::llvm::cast<::mlir::ShapedType>(getQuery().getType()).getDimSize(1) / getHeads();
    }
    int64_t valueDim() {
      return ::llvm::cast<::mlir::ShapedType>(getValue().getType()).getDimSize(1) / getKvHeads();
    }
    /// Tiles along a side of the grid of that size.
    int64_t tilesOf(int64_t size) { return size / getTile() + (getShift() ? 1 : 0); }
  }];
  let hasVerifier = 1;
}

#endif // DIALECTS_KERNEL_GRIDATTENTIONOP_TD
