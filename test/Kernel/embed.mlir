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

// Panels of integers: 40 columns are two groups.

// CHECK-LABEL: func @integers
func.func @integers(%step: !kernel.step, %table: memref<2x2x216xi32>, %x: memref<512x40xf32>) {
  // CHECK: kernel.embed %{{.+}}(%{{.+}} : memref<2x2x216xi32>)
  // CHECK-SAME: format = #kernel.format<int4>
  kernel.embed %step(%table : memref<2x2x216xi32>) into (%x : memref<512x40xf32>)
      attributes {scale = 1.0 : f64, format = #kernel.format<int4>}
  return
}
