// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// CHECK-LABEL: func @layer_scale
// CHECK-SAME:    %[[X:.+]]: tensor<?x7xf32>, %[[W:.+]]: tensor<7xf32>
func.func @layer_scale(%x: tensor<?x7xf32>, %w: tensor<7xf32>) -> tensor<?x7xf32> {
  // CHECK: transformer.gain %[[X]], %[[W]] : tensor<?x7xf32>, tensor<7xf32>
  %y = transformer.gain %x, %w : tensor<?x7xf32>, tensor<7xf32>
  return %y : tensor<?x7xf32>
}
