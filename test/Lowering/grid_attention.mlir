// RUN: transformer-opt %s --lower-to-kernel -split-input-file -verify-diagnostics | FileCheck %s

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [12, 2]>} {

// Rows as they are, no cache; the table becomes biases of all pairs of a tile, 2 heads of
// 4 rows, each padded to 16 keys.

// CHECK-LABEL: func @tiles_step
// CHECK-SAME: kernel.cache_bytes = 0 : i64
// CHECK: %[[BIAS:.+]] = kernel.weight [#kernel.part<origin = offsets, name = "table.weight", rows = 8, cols = 16
// CHECK-SAME: distances = <zero = 0, buckets = 9, reach = 2>
// CHECK-SAME: memref<8x16xf32>
// CHECK: kernel.grid_attention %{{.+}}(%{{.+}}, %{{.+}}, %{{.+}} : tensor<512x8xf32>, tensor<512x4xf32>, tensor<512x6xf32>)
// CHECK-SAME: bias(%[[BIAS]] : memref<8x16xf32>)
// CHECK-SAME: grid = array<i64: 4, 6>, heads = 2 : i64, kvHeads = 1 : i64
// CHECK-SAME: schedule = #kernel.schedule<rows = 12, vectors = 2, lanes = 16>, shift = 1 : i64, tile = 2 : i64
func.func @tiles(%rows: !transformer.rows, %images: tensor<?x1x4x6xf32>) -> tensor<?x12xf32>
    attributes {transformer.context = 24 : i64} {
  %x = transformer.patches %images size = 1 : tensor<?x1x4x6xf32>
  %wq = transformer.weight "query.weight" : tensor<8x1xf32>
  %wk = transformer.weight "key.weight" : tensor<4x1xf32>
  %wv = transformer.weight "value.weight" : tensor<6x1xf32>
  %t = transformer.weight "table.weight" : tensor<9x2xf32>
  %q = transformer.linear %x, %wq : tensor<?x1xf32>, tensor<8x1xf32>
  %k = transformer.linear %x, %wk : tensor<?x1xf32>, tensor<4x1xf32>
  %v = transformer.linear %x, %wv : tensor<?x1xf32>, tensor<6x1xf32>
  %y = transformer.grid_attention %q, %k, %v table %t grid = [4, 6] tile = 2 shift = 1 heads = 2
      kv_heads = 1 scale = 0.5 : tensor<?x8xf32>, tensor<?x4xf32>, tensor<?x6xf32>, tensor<9x2xf32>
  return %y : tensor<?x12xf32>
}

}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [12, 2]>} {

func.func @other_grid(%rows: !transformer.rows, %images: tensor<?x1x4x6xf32>) -> tensor<?x1xf32>
    attributes {transformer.context = 24 : i64} {
  %x = transformer.patches %images size = 1 : tensor<?x1x4x6xf32>
  // expected-error @below {{has a grid of 36 rows in sequences of 24}}
  %y = transformer.grid_attention %x, %x, %x grid = [6, 6] tile = 2 heads = 1 kv_heads = 1 scale = 0.5
      : tensor<?x1xf32>, tensor<?x1xf32>, tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

}
