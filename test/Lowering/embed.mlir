// RUN: transformer-opt %s --lower-to-kernel | FileCheck %s

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// A table goes as it is, its scale too.

// CHECK-LABEL: func @scaled_step
// CHECK:      %[[TO:.+]] = tensor.empty() : tensor<512x8xf32>
// CHECK-NEXT: %[[TABLE:.+]] = kernel.weight [#kernel.part<origin = tensor, name = "embed.weight", rows = 64, cols = 8>][]
// CHECK-SAME: panel = 0 : i64
// CHECK-SAME: memref<64x8xf32>
// CHECK-NEXT: kernel.embed %{{.+}}(%[[TABLE]] : memref<64x8xf32>) into(%[[TO]] : tensor<512x8xf32>) attributes {scale = 3.000000e+00 : f64}
func.func @scaled(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %y = transformer.embed %tokens, %table scale = 3.0 : tensor<?xi32>, tensor<64x8xf32>
  return %y : tensor<?x8xf32>
}

// Logits that share the table read panels, and so does the table: one weight.

// CHECK-LABEL: func @tied_step
// CHECK:      %[[TABLE:.+]] = kernel.weight [#kernel.part<origin = tensor, name = "embed.weight", rows = 64, cols = 8>][]
// CHECK-SAME: panel = 48 : i64
// CHECK-SAME: memref<2x8x48xf32>
// CHECK:      kernel.embed %{{.+}}(%[[TABLE]] : memref<2x8x48xf32>)
// CHECK:      kernel.weight [#kernel.part<origin = tensor, name = "embed.weight", rows = 64, cols = 8>][]
// CHECK-SAME: panel = 48 : i64
func.func @tied(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x64xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %y = transformer.linear %x, %table : tensor<?x8xf32>, tensor<64x8xf32>
  return %y : tensor<?x64xf32>
}

}
