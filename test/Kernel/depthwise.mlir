// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// Rows of another step with a bias, and of the same one without.

// CHECK-LABEL: func @halved
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step, %[[MADE:.+]]: !kernel.step, %[[F:.+]]: memref<512xi32>
func.func @halved(%step: !kernel.step, %made: !kernel.step, %f: memref<512xi32>,
    %x: tensor<512x40xf32>, %w: memref<2x3x32xf32>, %b: memref<64xf32>, %to: tensor<512x40xf32>)
    -> tensor<512x40xf32> {
  // CHECK: kernel.depthwise of %[[STEP]] to %[[MADE]](%{{.+}} : tensor<512x40xf32>) by(%{{.+}} : memref<2x3x32xf32>) bias(%{{.+}} : memref<64xf32>)
  // CHECK-SAME: windows <size = 3, stride = 2, pad = 1, lines = 0, columns = 0, skip = 0> firsts(%[[F]] : memref<512xi32>)
  %y = kernel.depthwise of %step to %made(%x : tensor<512x40xf32>) by (%w : memref<2x3x32xf32>)
      bias (%b : memref<64xf32>)
      windows <size = 3, stride = 2, pad = 1, lines = 0, columns = 0, skip = 0>
      firsts (%f : memref<512xi32>) into (%to : tensor<512x40xf32>)
      attributes {schedule = #kernel.schedule<rows = 4, vectors = 2, lanes = 16>}
      -> tensor<512x40xf32>
  return %y : tensor<512x40xf32>
}

// CHECK-LABEL: func @kept
func.func @kept(%step: !kernel.step, %x: memref<512x40xf32>, %w: memref<2x9x32xf32>,
    %to: memref<512x40xf32>) {
  // CHECK: kernel.depthwise of %[[STEP:.+]] to %[[STEP]](
  // CHECK-NOT: bias
  kernel.depthwise of %step to %step(%x : memref<512x40xf32>) by (%w : memref<2x9x32xf32>)
      windows <size = 3, stride = 1, pad = 1, lines = 4, columns = 7, skip = 0>
      into (%to : memref<512x40xf32>)
      attributes {schedule = #kernel.schedule<rows = 2, vectors = 4, lanes = 8>}
  return
}
