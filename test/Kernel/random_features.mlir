// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// CHECK-LABEL: func @features
func.func @features(%step: !kernel.step, %x: tensor<512x8xf32>, %w: memref<2x4x64xf32>) -> tensor<512x140xf32> {
  %e = tensor.empty() : tensor<512x140xf32>
  // CHECK: kernel.random_features 2 of rows of %{{.+}}(%{{.+}} : tensor<512x8xf32>) by(%{{.+}} : memref<2x4x64xf32>) into(%{{.+}} : tensor<512x140xf32>)
  // CHECK-SAME: attributes {relative}
  %r = kernel.random_features 2 of rows of %step(%x : tensor<512x8xf32>) by (%w : memref<2x4x64xf32>)
      into (%e : tensor<512x140xf32>) attributes {relative} -> tensor<512x140xf32>
  return %r : tensor<512x140xf32>
}
