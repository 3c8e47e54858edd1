// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// The rows that chose an expert, as a step of their own.

// CHECK-LABEL: func @experts
// CHECK-SAME:    %[[STEP:[a-z0-9]+]]: !kernel.step, %[[X:[a-z0-9]+]]: memref<512x8xf32>,
func.func @experts(%step: !kernel.step, %x: memref<512x8xf32>, %gates: memref<512x4xf32>,
                   %lists: memref<4x513xi32>, %taken: memref<512x8xf32>, %c: memref<4xf32>, %e: index, %n: index) {
  // CHECK: kernel.route sigmoid rows of %[[STEP]](%{{.+}} : memref<512x4xf32>) into(%{{.+}} : memref<512x4xf32>) attributes {normalise, scale = 1.000000e+00 : f64, topK = 2 : i64}
  kernel.route sigmoid rows of %step(%gates : memref<512x4xf32>) into (%gates : memref<512x4xf32>)
      attributes {topK = 2 : i64, normalise, scale = 1.0 : f64}
  // CHECK: kernel.route softmax rows of %[[STEP]](%{{.+}} : memref<512x4xf32>) corrected by(%{{.+}} : memref<4xf32>) into(%{{.+}}, %{{.+}} : memref<512x4xf32>, memref<512x4xf32>) attributes {groups = 2 : i64, scale = 1.000000e+00 : f64, topK = 2 : i64, twoBest}
  kernel.route softmax rows of %step(%gates : memref<512x4xf32>) corrected by (%c : memref<4xf32>)
      into (%gates, %gates : memref<512x4xf32>, memref<512x4xf32>)
      attributes {topK = 2 : i64, groups = 2 : i64, twoBest, scale = 1.0 : f64}
  // CHECK: kernel.list_rows rows of %[[STEP]](%{{.+}} : memref<512x4xf32>) into(%{{.+}} : memref<4x513xi32>)
  kernel.list_rows rows of %step(%gates : memref<512x4xf32>) into (%lists : memref<4x513xi32>) attributes {}
  // CHECK: %[[PART:.+]] = kernel.chosen_step %{{.+}} of %[[STEP]]
  %part = kernel.chosen_step %n of %step
  // CHECK: kernel.take_rows %[[PART]](%[[X]] : memref<512x8xf32>) by(%{{.+}} : memref<4x513xi32>) of %{{.+}} into(%{{.+}} : memref<512x8xf32>)
  kernel.take_rows %part(%x : memref<512x8xf32>) by (%lists : memref<4x513xi32>) of %e
      into (%taken : memref<512x8xf32>) attributes {}
  // CHECK: kernel.add_rows %[[PART]](%{{.+}} : memref<512x8xf32>) times(%{{.+}} : memref<512x4xf32>) by(%{{.+}} : memref<4x513xi32>) of %{{.+}} into(%[[X]] : memref<512x8xf32>)
  kernel.add_rows %part(%taken : memref<512x8xf32>) times (%gates : memref<512x4xf32>)
      by (%lists : memref<4x513xi32>) of %e into (%x : memref<512x8xf32>) attributes {}
  return
}
