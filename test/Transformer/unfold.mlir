// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// The result is as wide as a window, in both directions of a grid; later ops
// take the rows that it makes.

// CHECK-LABEL: func @grid
// CHECK-SAME:    %[[X:.+]]: tensor<?x5xf32>, %[[ROWS:.+]]: !transformer.rows)
func.func @grid(%x: tensor<?x5xf32>, %rows: !transformer.rows) -> tensor<?x5xf32> {
  // CHECK: %[[Y:.+]], %[[MADE:.+]] = transformer.unfold channels %[[X]], %[[ROWS]] size = 3 stride = 2 pad = 1 grid = [7, 9] : tensor<?x5xf32>
  %y, %made = transformer.unfold channels %x, %rows size = 3 stride = 2 pad = 1 grid = [7, 9] : tensor<?x5xf32>
  %w = transformer.weight "conv.weight" : tensor<5x45xf32>
  %z = transformer.linear %y, %w : tensor<?x45xf32>, tensor<5x45xf32>
  // CHECK: transformer.pool mean %{{.+}}, %[[MADE]]
  %p = transformer.pool mean %z, %made : tensor<?x5xf32>
  return %p : tensor<?x5xf32>
}

// CHECK-LABEL: func @sequence
func.func @sequence(%x: tensor<?x5xf32>, %rows: !transformer.rows) -> tensor<?x15xf32> {
  // CHECK: transformer.unfold rows %{{.+}}, %{{.+}} size = 3 stride = 1 pad = 0 : tensor<?x5xf32>
  %y, %made = transformer.unfold rows %x, %rows size = 3 stride = 1 pad = 0 : tensor<?x5xf32>
  return %y : tensor<?x15xf32>
}

// CHECK-LABEL: func @merged
func.func @merged(%x: tensor<?x5xf32>, %rows: !transformer.rows) -> tensor<?x20xf32> {
  // CHECK: transformer.unfold columns
  %y, %made = transformer.unfold columns %x, %rows size = 2 stride = 2 pad = 0 grid = [4, 6] : tensor<?x5xf32>
  return %y : tensor<?x20xf32>
}
