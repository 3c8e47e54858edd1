// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// The result has the type of x, with a bias and without one.

// CHECK-LABEL: func @weighs
// CHECK-SAME:    %[[X:.+]]: tensor<?x5xf32>, %[[W:.+]]: tensor<5x4xf32>, %[[B:.+]]: tensor<5xf32>, %[[ROWS:.+]]: !transformer.rows
func.func @weighs(%x: tensor<?x5xf32>, %w: tensor<5x4xf32>, %b: tensor<5xf32>,
    %rows: !transformer.rows) -> tensor<?x5xf32> {
  // CHECK: %[[Y:.+]] = transformer.short_conv %[[X]], %[[W]], %[[ROWS]] bias %[[B]] : tensor<?x5xf32>, tensor<5x4xf32>, tensor<5xf32>
  %y = transformer.short_conv %x, %w, %rows bias %b
      : tensor<?x5xf32>, tensor<5x4xf32>, tensor<5xf32>
  // CHECK: transformer.short_conv %[[Y]], %[[W]], %[[ROWS]] : tensor<?x5xf32>, tensor<5x4xf32>
  %z = transformer.short_conv %y, %w, %rows : tensor<?x5xf32>, tensor<5x4xf32>
  return %z : tensor<?x5xf32>
}
