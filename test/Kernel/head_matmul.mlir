// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// CHECK-LABEL: func @heads
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step, %[[X:.+]]: tensor<512x8xf32>, %[[W:.+]]: memref<2x3x48xf32>, %[[TO:.+]]: tensor<512x10xf32>
func.func @heads(%step: !kernel.step, %x: tensor<512x8xf32>, %w: memref<2x3x48xf32>,
    %to: tensor<512x10xf32>) -> tensor<512x10xf32> {
  // CHECK: kernel.head_matmul 2 of rows of %[[STEP]](%[[X]] : tensor<512x8xf32>) by(%[[W]] : memref<2x3x48xf32>) into(%[[TO]] : tensor<512x10xf32>)
  // CHECK-SAME: depth = 3 : i64
  %r = kernel.head_matmul 2 of rows of %step(%x : tensor<512x8xf32>) by (%w : memref<2x3x48xf32>)
      into (%to : tensor<512x10xf32>)
      attributes {depth = 3 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>}
      -> tensor<512x10xf32>
  return %r : tensor<512x10xf32>
}
