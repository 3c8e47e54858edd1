// RUN: transformer-opt %s | transformer-opt | FileCheck %s


// CHECK-LABEL: func @outputs
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step, %[[X:.+]]: tensor<512x8xf32>, %[[TO:.+]]: tensor<512x8xf32>
func.func @outputs(%step: !kernel.step, %x: tensor<512x8xf32>, %to: tensor<512x8xf32>)
    -> tensor<512x8xf32> {
  // CHECK: kernel.gather %[[STEP]](%[[X]] : tensor<512x8xf32>) into(%[[TO]] : tensor<512x8xf32>) -> tensor<512x8xf32>
  %r = kernel.gather %step(%x : tensor<512x8xf32>) into (%to : tensor<512x8xf32>) -> tensor<512x8xf32>
  return %r : tensor<512x8xf32>
}
