// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// CHECK-LABEL: func @weighs
func.func @weighs(%step: !kernel.step, %x: tensor<512x40xf32>, %w: memref<2x4x32xf32>,
                  %b: memref<192xf32>, %slot: index) -> tensor<512x40xf32> {
  %e = tensor.empty() : tensor<512x40xf32>
  // CHECK: kernel.short_conv %{{.+}}(%{{.+}} : tensor<512x40xf32>) by(%{{.+}} : memref<2x4x32xf32>) bias(%{{.+}} : memref<192xf32>) slot %{{.+}} into(%{{.+}} : tensor<512x40xf32>)
  // CHECK-SAME: schedule = #kernel.schedule<rows = 1, vectors = 2, lanes = 16>
  %r = kernel.short_conv %step(%x : tensor<512x40xf32>) by (%w : memref<2x4x32xf32>)
      bias (%b : memref<192xf32>) slot %slot into (%e : tensor<512x40xf32>)
      attributes {schedule = #kernel.schedule<rows = 1, vectors = 2, lanes = 16>}
      -> tensor<512x40xf32>
  return %r : tensor<512x40xf32>
}

// CHECK-LABEL: func @plain
func.func @plain(%step: !kernel.step, %x: memref<512x40xf32>, %w: memref<2x4x32xf32>,
                 %slot: index, %to: memref<512x40xf32>) {
  // CHECK: kernel.short_conv
  // CHECK-NOT: bias
  kernel.short_conv %step(%x : memref<512x40xf32>) by (%w : memref<2x4x32xf32>)
      slot %slot into (%to : memref<512x40xf32>)
      attributes {schedule = #kernel.schedule<rows = 1, vectors = 4, lanes = 8>}
  return
}
