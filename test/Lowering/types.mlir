// RUN: transformer-opt %s --lower-to-kernel | FileCheck %s

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// Works on the rows in their place, whether it adds or replaces.

// CHECK-LABEL: func @types_step
// CHECK:      %[[X:.+]] = kernel.embed
// CHECK-NEXT: %[[TWO:.+]] = kernel.weight [{{.+}}name = "types.weight", rows = 2, cols = 8>]
// CHECK-NEXT: %[[Y:.+]] = kernel.types %{{.+}}(%[[TWO]] : memref<2x8xf32>) into(%[[X]] : tensor<512x8xf32>) ->
// CHECK-NEXT: %[[ONE:.+]] = kernel.weight
// CHECK-NEXT: kernel.types %{{.+}}(%[[ONE]] : memref<1x8xf32>) into(%[[Y]] : tensor<512x8xf32>) attributes {replace}
func.func @types(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %two = transformer.weight "types.weight" : tensor<2x8xf32>
  %y = transformer.types %x, %rows, %two : tensor<?x8xf32>, tensor<2x8xf32>
  %one = transformer.weight "mask.weight" : tensor<1x8xf32>
  %z = transformer.types %y, %rows, %one replace : tensor<?x8xf32>, tensor<1x8xf32>
  return %z : tensor<?x8xf32>
}

}
