// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// CHECK-LABEL: func @few
// CHECK-SAME:    %[[X:.+]]: tensor<?x8xf32>, %[[ROWS:.+]]: !transformer.rows, %[[W:.+]]: tensor<4x16xf32>)
func.func @few(%x: tensor<?x8xf32>, %rows: !transformer.rows, %w: tensor<4x16xf32>) -> tensor<?x8xf32> {
  // CHECK: %[[Y:.+]], %[[MADE:.+]] = transformer.mix %[[X]], %[[ROWS]], %[[W]] : tensor<?x8xf32>, tensor<4x16xf32>
  %y, %made = transformer.mix %x, %rows, %w : tensor<?x8xf32>, tensor<4x16xf32>
  // CHECK: transformer.pool mean %[[Y]], %[[MADE]]
  %p = transformer.pool mean %y, %made : tensor<?x8xf32>
  return %p : tensor<?x8xf32>
}
