// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// CHECK-LABEL: func.func @types(
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step, %[[TABLE:.+]]: memref<1x8xf32>, %[[X:.+]]: tensor<128x8xf32>
func.func @types(%step: !kernel.step, %table: memref<1x8xf32>, %x: tensor<128x8xf32>)
    -> tensor<128x8xf32> {
  // CHECK: kernel.types %[[STEP]](%[[TABLE]] : memref<1x8xf32>) into(%[[X]] : tensor<128x8xf32>) attributes {replace} -> tensor<128x8xf32>
  %r = kernel.types %step(%table : memref<1x8xf32>) into (%x : tensor<128x8xf32>)
      attributes {replace} -> tensor<128x8xf32>
  return %r : tensor<128x8xf32>
}
