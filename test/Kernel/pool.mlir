// RUN: transformer-opt %s | transformer-opt | FileCheck %s


// CHECK-LABEL: func @kinds
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step, %[[X:.+]]: memref<512x8xf32>, %[[TO:.+]]: memref<512x8xf32>
func.func @kinds(%step: !kernel.step, %x: memref<512x8xf32>, %to: memref<512x8xf32>) {
  // CHECK: kernel.pool first of %[[STEP]](%[[X]] : memref<512x8xf32>) into(%[[TO]] : memref<512x8xf32>)
  kernel.pool first of %step(%x : memref<512x8xf32>) into (%to : memref<512x8xf32>)
  // CHECK: kernel.pool last of
  kernel.pool last of %step(%x : memref<512x8xf32>) into (%to : memref<512x8xf32>)
  // CHECK: kernel.pool mean of
  kernel.pool mean of %step(%x : memref<512x8xf32>) into (%to : memref<512x8xf32>)
  return
}
