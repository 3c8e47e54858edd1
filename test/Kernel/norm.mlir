// RUN: transformer-opt %s | transformer-opt | FileCheck %s


// CHECK-LABEL: func @layer
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step, %[[X:.+]]: tensor<512x8xf32>, %[[W:.+]]: memref<192xf32>, %[[B:.+]]: memref<192xf32>
func.func @layer(%step: !kernel.step, %x: tensor<512x8xf32>, %w: memref<192xf32>,
                 %b: memref<192xf32>) -> tensor<512x8xf32> {
  // CHECK: kernel.norm rows of %[[STEP]](%[[X]] : tensor<512x8xf32>) norm(%[[W]], %[[B]] : memref<192xf32>, memref<192xf32>) into(%[[X]] : tensor<512x8xf32>)
  // CHECK-SAME: norm = #kernel.normalise<kind = layer, eps = 1.000000e-05 : f64, group = 0>
  %r = kernel.norm rows of %step(%x : tensor<512x8xf32>) norm (%w, %b : memref<192xf32>, memref<192xf32>)
      into (%x : tensor<512x8xf32>)
      attributes {norm = #kernel.normalise<kind = layer, eps = 1.0e-5 : f64, group = 0>}
      -> tensor<512x8xf32>
  return %r : tensor<512x8xf32>
}

// Each head by itself, without weights.

// CHECK-LABEL: func @heads
func.func @heads(%step: !kernel.step, %x: memref<512x8xf32>) {
  // CHECK: kernel.norm outputs of %{{.+}}(%{{.+}} : memref<512x8xf32>) into(%{{.+}} : memref<512x8xf32>)
  // CHECK-SAME: norm = #kernel.normalise<kind = rms, eps = {{[0-9.E-]+}} : f64, group = 4>
  kernel.norm outputs of %step(%x : memref<512x8xf32>) into (%x : memref<512x8xf32>)
      attributes {norm = #kernel.normalise<kind = rms, eps = 1.0e-6 : f64, group = 4>}
  return
}
