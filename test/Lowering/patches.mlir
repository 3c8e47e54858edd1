// RUN: transformer-opt %s --lower-to-kernel | FileCheck %s

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// A row for each patch of the image.

// CHECK-LABEL: func @patches_step
// CHECK: kernel.patches %{{.+}} into(%{{.+}} : tensor<512x12xf32>) attributes {image = array<i64: 3, 8, 6>, size = 2 : i64, skip = 0 : i64}
func.func @patches(%rows: !transformer.rows, %images: tensor<?x3x8x6xf32>) -> tensor<?x12xf32>
    attributes {transformer.context = 16 : i64} {
  %y = transformer.patches %images size = 2 : tensor<?x3x8x6xf32>
  return %y : tensor<?x12xf32>
}

// Patches leave the rows free that come before them.

// CHECK-LABEL: func @class_rows_step
// CHECK: kernel.patches {{.+}} skip = 2 : i64
// CHECK: %[[X:.+]] = kernel.matmul
// CHECK: %[[TABLE:.+]] = kernel.weight [{{.+}}"prepend.weight", rows = 2, cols = 8>]
// CHECK-NEXT: kernel.prepend %{{.+}}(%[[TABLE]] : memref<2x8xf32>) into(%[[X]] : tensor<512x8xf32>)
func.func @class_rows(%rows: !transformer.rows, %images: tensor<?x3x8x6xf32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64} {
  %p = transformer.patches %images size = 2 : tensor<?x3x8x6xf32>
  %w = transformer.weight "patch.weight" : tensor<8x12xf32>
  %x = transformer.linear %p, %w : tensor<?x12xf32>, tensor<8x12xf32>
  %t = transformer.weight "prepend.weight" : tensor<2x8xf32>
  %y = transformer.prepend %x, %rows, %t : tensor<?x8xf32>, tensor<2x8xf32>
  return %y : tensor<?x8xf32>
}

}
