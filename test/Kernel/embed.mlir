// RUN: transformer-opt %s | transformer-opt | FileCheck %s


// CHECK-LABEL: func @scaled
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step, %[[TABLE:.+]]: memref<100x8xf32>, %[[TO:.+]]: tensor<512x8xf32>
func.func @scaled(%step: !kernel.step, %table: memref<100x8xf32>, %to: tensor<512x8xf32>)
    -> tensor<512x8xf32> {
  // CHECK: kernel.embed %[[STEP]](%[[TABLE]] : memref<100x8xf32>) into(%[[TO]] : tensor<512x8xf32>) attributes {scale = 2.000000e+00 : f64} -> tensor<512x8xf32>
  %r = kernel.embed %step(%table : memref<100x8xf32>) into (%to : tensor<512x8xf32>)
      attributes {scale = 2.0 : f64} -> tensor<512x8xf32>
  return %r : tensor<512x8xf32>
}
