// RUN: transformer-opt %s --lower-to-kernel | FileCheck %s

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// Panels of 3 x 16 columns for the 8 x 3 tile; the bias is the first epilogue.

// CHECK-LABEL: func @biased_step
// CHECK:      %[[X:.+]] = kernel.embed
// CHECK:      %[[W:.+]] = kernel.weight [#kernel.part<origin = tensor, name = "up.weight", rows = 50, cols = 8>][] {align = 48 : i64, interleave = 0 : i64, panel = 48 : i64
// CHECK-SAME: memref<2x8x48xf32>
// CHECK:      %[[B:.+]] = kernel.weight [{{.+}}"up.bias", rows = 50, cols = 1>]
// CHECK-SAME: memref<192xf32>
// CHECK:      kernel.matmul rows of %{{.+}}(%[[X]] : tensor<512x8xf32>) by(%[[W]] : memref<2x8x48xf32>) with(%[[B]] : memref<192xf32>) into(%{{.+}} : tensor<512x50xf32>)
// CHECK-SAME: accesses = [#kernel.access<columns>]
// CHECK-SAME: columns = array<i64: 50>
// CHECK-SAME: schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>
// CHECK-NEXT: ^bb0(%[[ACC:.+]]: f32, %[[BIAS:.+]]: f32):
// CHECK-NEXT: %[[SUM:.+]] = arith.addf %[[ACC]], %[[BIAS]]
// CHECK-NEXT: kernel.yield %[[SUM]]
func.func @biased(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x50xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %w = transformer.weight "up.weight" : tensor<50x8xf32>
  %b = transformer.weight "up.bias" : tensor<50xf32>
  %y = transformer.linear %x, %w bias %b : tensor<?x8xf32>, tensor<50x8xf32>, tensor<50xf32>
  return %y : tensor<?x50xf32>
}

}
