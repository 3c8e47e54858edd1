// RUN: transformer-opt %s | transformer-opt | FileCheck %s


// 40 columns are two groups of ten words.

// CHECK-LABEL: func @integers
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step, %[[X:.+]]: tensor<512x40xf32>, %[[TO:.+]]: tensor<512x20xi32>
func.func @integers(%step: !kernel.step, %x: tensor<512x40xf32>, %to: tensor<512x20xi32>) -> tensor<512x20xi32> {
  // CHECK: kernel.quantise rows of %[[STEP]](%[[X]] : tensor<512x40xf32>) into(%[[TO]] : tensor<512x20xi32>)
  // CHECK-SAME: format = #kernel.format<int8>
  // CHECK-SAME: -> tensor<512x20xi32>
  %r = kernel.quantise rows of %step(%x : tensor<512x40xf32>) into (%to : tensor<512x20xi32>)
      attributes {format = #kernel.format<int8>} -> tensor<512x20xi32>
  return %r : tensor<512x20xi32>
}

// Two columns a word; the last is odd.

// CHECK-LABEL: func @pairs
func.func @pairs(%step: !kernel.step, %x: memref<512x7xf32>, %to: memref<512x4xi32>) {
  // CHECK: kernel.quantise outputs of %{{.+}}(%{{.+}} : memref<512x7xf32>) into(%{{.+}} : memref<512x4xi32>)
  kernel.quantise outputs of %step(%x : memref<512x7xf32>) into (%to : memref<512x4xi32>)
      attributes {format = #kernel.format<bf16>}
  return
}
