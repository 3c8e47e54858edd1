// RUN: transformer-opt %s | transformer-opt | FileCheck %s


// What kernels read of the step: arrays, caches, counts.

// CHECK-LABEL: func @arrays
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step, %[[OFFSET:.+]]: index
func.func @arrays(%step: !kernel.step, %offset: index) {
  // CHECK: kernel.buffer weights of %[[STEP]][%[[OFFSET]]] : memref<8x8xf32>
  %weights = kernel.buffer weights of %step[%offset] : memref<8x8xf32>
  // CHECK: kernel.buffer scratch of %[[STEP]]
  %scratch = kernel.buffer scratch of %step[%offset] : memref<8x8xf32>
  // CHECK: kernel.buffer tokens of %[[STEP]]
  %tokens = kernel.buffer tokens of %step[%offset] : memref<8xi32>
  // CHECK: kernel.buffer input of %[[STEP]]
  %input = kernel.buffer input of %step[%offset] : memref<8x3x4x4xf32>
  // CHECK: kernel.buffer positions of %[[STEP]]
  %positions = kernel.buffer positions of %step[%offset] : memref<8xi32>
  // CHECK: kernel.buffer starts of %[[STEP]]
  %starts = kernel.buffer starts of %step[%offset] : memref<9xi32>
  // CHECK: kernel.buffer tiles of %[[STEP]]
  %tiles = kernel.buffer tiles of %step[%offset] : memref<8x4xi32>
  // CHECK: kernel.buffer outputs of %[[STEP]]
  %outputs = kernel.buffer outputs of %step[%offset] : memref<8xi32>
  // CHECK: kernel.buffer output of %[[STEP]]
  %output = kernel.buffer output of %step[%offset] : memref<8x8xf32>
  return
}

// CHECK-LABEL: func @cache
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step, %[[ROW:.+]]: index, %[[OFFSET:.+]]: index
func.func @cache(%step: !kernel.step, %row: index, %offset: index)
    -> memref<16x128x64xf32> {
  // CHECK: kernel.row_cache %[[STEP]] row %[[ROW]][%[[OFFSET]]] : memref<16x128x64xf32>
  %keys = kernel.row_cache %step row %row[%offset] : memref<16x128x64xf32>
  return %keys : memref<16x128x64xf32>
}

// CHECK-LABEL: func @counts
func.func @counts(%step: !kernel.step) {
  // CHECK: kernel.count rows of
  %rows = kernel.count rows of %step
  // CHECK: kernel.count outputs of
  %outputs = kernel.count outputs of %step
  // CHECK: kernel.count sequences of
  %sequences = kernel.count sequences of %step
  // CHECK: kernel.count tiles of
  %tiles = kernel.count tiles of %step
  return
}
