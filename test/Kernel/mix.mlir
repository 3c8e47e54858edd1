// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// Sums of rows, and the step of queries that see what they make.

// CHECK-LABEL: func @few
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step, %[[MADE:.+]]: !kernel.step
func.func @few(%step: !kernel.step, %made: !kernel.step, %x: tensor<512x8xf32>,
    %table: memref<4x16xf32>, %to: tensor<512x8xf32>) -> tensor<512x8xf32> {
  // CHECK: kernel.source_step %[[STEP]] of %[[MADE]]
  %seen = kernel.source_step %step of %made
  // CHECK: kernel.mix %[[STEP]] to %[[MADE]](%{{.+}} : tensor<512x8xf32>) by(%{{.+}} : memref<4x16xf32>) into(
  %y = kernel.mix %step to %made(%x : tensor<512x8xf32>) by (%table : memref<4x16xf32>)
      into (%to : tensor<512x8xf32>) -> tensor<512x8xf32>
  return %y : tensor<512x8xf32>
}
