// RUN: transformer-opt %s | transformer-opt | FileCheck %s


// CHECK-LABEL: func @residual
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step, %[[X:.+]]: tensor<512x8xf32>, %[[Y:.+]]: tensor<512x8xf32>, %[[TO:.+]]: tensor<512x8xf32>
func.func @residual(%step: !kernel.step, %x: tensor<512x8xf32>, %y: tensor<512x8xf32>,
                    %to: tensor<512x8xf32>) -> tensor<512x8xf32> {
  // CHECK: kernel.map rows of %[[STEP]](%[[X]] : tensor<512x8xf32>) with(%[[Y]] : tensor<512x8xf32>) into(%[[TO]] : tensor<512x8xf32>)
  // CHECK-SAME: accesses = [#kernel.access<elements>], columns = 8 : i64, target = #kernel.to<rows>
  // CHECK-NEXT: ^bb0(%[[A:.+]]: f32, %[[B:.+]]: f32):
  // CHECK-NEXT: arith.addf %[[A]], %[[B]]
  %r = kernel.map rows of %step(%x : tensor<512x8xf32>) with (%y : tensor<512x8xf32>)
      into (%to : tensor<512x8xf32>)
      attributes {columns = 8 : i64, target = #kernel.to<rows>, accesses = [#kernel.access<elements>]} {
  ^bb0(%a: f32, %b: f32):
    %s = arith.addf %a, %b : f32
    kernel.yield %s
  } -> tensor<512x8xf32>
  return %r : tensor<512x8xf32>
}

// Into the cache: no destination of rows.

// CHECK-LABEL: func @values
func.func @values(%step: !kernel.step, %v: memref<512x32xf32>, %slot: index) {
  // CHECK: kernel.map rows of %{{.+}}(%{{.+}}) slot %{{.+}} attributes
  // CHECK-SAME: target = #kernel.to<values>
  kernel.map rows of %step(%v : memref<512x32xf32>) slot %slot
      attributes {columns = 32 : i64, target = #kernel.to<values>, accesses = [],
                  cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>} {
  ^bb0(%e: f32):
    kernel.yield %e
  }
  return
}
