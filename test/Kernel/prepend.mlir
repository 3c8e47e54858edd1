// RUN: transformer-opt %s | transformer-opt | FileCheck %s


// CHECK-LABEL: func @class_row
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step, %[[TABLE:.+]]: memref<1x8xf32>, %[[X:.+]]: tensor<128x8xf32>
func.func @class_row(%step: !kernel.step, %table: memref<1x8xf32>, %x: tensor<128x8xf32>)
    -> tensor<128x8xf32> {
  // CHECK: kernel.prepend %[[STEP]](%[[TABLE]] : memref<1x8xf32>) into(%[[X]] : tensor<128x8xf32>) -> tensor<128x8xf32>
  %r = kernel.prepend %step(%table : memref<1x8xf32>) into (%x : tensor<128x8xf32>) -> tensor<128x8xf32>
  return %r : tensor<128x8xf32>
}
