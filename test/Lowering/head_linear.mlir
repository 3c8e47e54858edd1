// RUN: transformer-opt %s --lower-to-kernel | FileCheck %s

// Every head has whole panels: of 3 times 16 columns, or, where that leaves none to
// spare, of 4 times 16. A turned weight is read across each head.

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// CHECK-LABEL: func @heads_step
// CHECK:         %[[X:.+]] = kernel.embed
// CHECK:         %[[W:.+]] = kernel.weight [#kernel.part<origin = heads_transposed, name = "turned.weight", rows = 96, cols = 3, headDim = 48, headRows = 5>]
// CHECK-SAME:      memref<2x3x48xf32>
// CHECK:         %[[Y:.+]] = kernel.head_matmul 2 of rows of %{{.+}}(%[[X]] : tensor<512x8xf32>) by(%[[W]] : memref<2x3x48xf32>) into(%{{.+}} : tensor<512x10xf32>)
// CHECK-SAME:      depth = 3 : i64
// CHECK-SAME:      schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>
// CHECK:         kernel.join_heads 2 of %{{.+}}(%[[Y]], %[[X]] : tensor<512x10xf32>, tensor<512x8xf32>)
// CHECK-SAME:      from = 3 : i64
// CHECK:         kernel.weight [#kernel.part<origin = heads, name = "plain.weight", rows = 128, cols = 5, headDim = 64, headRows = 64>]
// CHECK:         kernel.head_matmul 2 of rows
// CHECK-SAME:      schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>
func.func @heads(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x128xf32>
    attributes {transformer.causal, transformer.context = 64 : i64, transformer.vocab = 7 : i64} {
  %table = transformer.weight "embed.weight" : tensor<7x8xf32>
  %turned = transformer.weight "turned.weight" : tensor<6x5xf32>
  %plain = transformer.weight "plain.weight" : tensor<128x5xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<7x8xf32>
  %y = transformer.head_linear %x, %turned transposed heads = 2 : tensor<?x8xf32>, tensor<6x5xf32>
  %z = transformer.join_heads %y, %x from = 3 heads = 2 : tensor<?x10xf32>, tensor<?x8xf32>
  %r = transformer.head_linear %z, %plain heads = 2 : tensor<?x12xf32>, tensor<128x5xf32>
  return %r : tensor<?x128xf32>
}

}
