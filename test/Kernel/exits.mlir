// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// Who is left, the step of these, and where sequences leave; the last ones leave
// without a threshold, and nothing moves.

// CHECK-LABEL: func @exits
// CHECK-SAME:    %[[STEP:[a-z0-9]+]]: !kernel.step, %[[LEFT:[a-z0-9]+]]: memref<515xi32>, %[[S:[a-z0-9]+]]: memref<512x3xf32>, %[[X:[a-z0-9]+]]: memref<512x8xf32>
func.func @exits(%step: !kernel.step, %left: memref<515xi32>, %s: memref<512x3xf32>, %x: memref<512x8xf32>) {
  // CHECK: kernel.remain_all %[[STEP]] in(%[[LEFT]] : memref<515xi32>)
  kernel.remain_all %step in (%left : memref<515xi32>)
  // CHECK: kernel.leave %[[STEP]](%[[S]] : memref<512x3xf32>) of(%[[LEFT]] : memref<515xi32>) into(%[[X]] : memref<512x8xf32>) attributes {above = 5.000000e-01 : f64, tile = 6 : i64}
  kernel.leave %step(%s : memref<512x3xf32>) of (%left : memref<515xi32>) into (%x : memref<512x8xf32>)
      attributes {above = 0.5 : f64, tile = 6 : i64}
  // CHECK: %[[NOW:.+]] = kernel.remaining_step %[[STEP]] of(%[[LEFT]] : memref<515xi32>)
  %now = kernel.remaining_step %step of (%left : memref<515xi32>)
  // CHECK: kernel.leave %[[NOW]](%[[S]] : memref<512x3xf32>) of(%[[LEFT]] : memref<515xi32>) attributes {tile = 6 : i64}
  kernel.leave %now(%s : memref<512x3xf32>) of (%left : memref<515xi32>) attributes {tile = 6 : i64}
  return
}
