// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// CHECK-LABEL: func @row_tap
func.func @row_tap(%step: !kernel.step, %row: index) -> memref<3x8xf32> {
  // CHECK: kernel.row_tap %{{.+}} row %{{.+}} {capacity = 512 : i64, tap = #kernel.tap<number = 1, name = "x", rounds = 3, heads = 2, columns = 4>} : memref<3x8xf32>
  %to = kernel.row_tap %step row %row {capacity = 512 : i64,
      tap = #kernel.tap<number = 1, name = "x", rounds = 3, heads = 2, columns = 4>} : memref<3x8xf32>
  return %to : memref<3x8xf32>
}

// CHECK-LABEL: func @tap
func.func @tap(%step: !kernel.step, %x: tensor<512x8xf32>, %round: index) {
  // CHECK: kernel.tap %{{.+}}(%{{.+}} : tensor<512x8xf32>) round %{{.+}} {tap = #kernel.tap<number = 0, name = "x", rounds = 3, heads = 0, columns = 8>}
  kernel.tap %step(%x : tensor<512x8xf32>) round %round
      {tap = #kernel.tap<number = 0, name = "x", rounds = 3, heads = 0, columns = 8>}
  return
}

// Rows that are made of others: behind one's place, two windows away, behind rows that
// are not there yet.

// CHECK-LABEL: func @made
func.func @made(%step: !kernel.step, %x: tensor<128x8xf32>, %q: tensor<128x64xf32>, %slot: index,
                %round: index, %one: memref<128xi32>, %two: memref<256xi32>) -> memref<3x8xf32> {
  // CHECK: kernel.row_tap %{{.+}} row %{{.+}} behind %{{.+}} {capacity = 512 : i64, tap = #kernel.tap<number = 0, name = "x", rounds = 3, heads = 0, columns = 8, made = 2>} : memref<3x8xf32>
  %to = kernel.row_tap %step row %round behind %slot {capacity = 512 : i64,
      tap = #kernel.tap<number = 0, name = "x", rounds = 3, heads = 0, columns = 8, made = 2>} : memref<3x8xf32>
  // CHECK: kernel.tap %{{.+}} round %{{.+}} firsts(%{{.+}}, %{{.+}} : memref<128xi32>, memref<256xi32>) {capacity = 512 : i64, skip = 1 : i64, tap
  kernel.tap %step(%x : tensor<128x8xf32>) round %round firsts(%one, %two : memref<128xi32>, memref<256xi32>)
      {tap = #kernel.tap<number = 0, name = "x", rounds = 3, heads = 0, columns = 8, made = 2>,
       capacity = 512 : i64, skip = 1 : i64}
  // CHECK: kernel.tap_weights %{{.+}} round %{{.+}} firsts(%{{.+}} : memref<128xi32>) {cache
  kernel.tap_weights %step(%q : tensor<128x64xf32>) slot %slot round %round firsts(%one : memref<128xi32>)
      {heads = 4 : i64, mask = #kernel.mask<none>, scale = 2.5e-01 : f64, capacity = 512 : i64,
       cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
       tap = #kernel.tap<number = 1, name = "y", rounds = 1, heads = 4, columns = 100, made = 1>}
  return %to : memref<3x8xf32>
}

// Two heads of 8 columns, 6 of which are rotated in halves.

// CHECK-LABEL: func @turned
func.func @turned(%step: !kernel.step, %x: tensor<512x16xf32>, %round: index) {
  // CHECK: kernel.tap {{.+}}columns = 8>, turned = 6 : i64}
  kernel.tap %step(%x : tensor<512x16xf32>) round %round
      {tap = #kernel.tap<number = 0, name = "x", rounds = 3, heads = 2, columns = 8>, turned = 6 : i64}
  return
}

// CHECK-LABEL: func @tap_scores
func.func @tap_scores(%step: !kernel.step, %q: tensor<512x64xf32>, %slot: index, %round: index) {
  // CHECK: kernel.tap_weights {{.+}} global
  // CHECK-SAME: random = #kernel.random<segments = 3, seed = 0>
  // CHECK-SAME: scores
  // CHECK-SAME: sinks = 2 : i64
  kernel.tap_weights %step(%q : tensor<512x64xf32>) slot %slot round %round
      {heads = 4 : i64, mask = #kernel.mask<none>, scale = 2.5e-01 : f64, window = 1 : i64,
       segment = 8 : i64, sinks = 2 : i64, global, random = #kernel.random<segments = 3, seed = 0>,
       cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>, scores,
       tap = #kernel.tap<number = 0, name = "x", rounds = 1, heads = 4, columns = 1000>}
  return
}

// CHECK-LABEL: func @tap_weights
func.func @tap_weights(%step: !kernel.step, %q: tensor<512x64xf32>, %slot: index, %bias: memref<4x96xf32>,
                       %round: index) {
  // CHECK: kernel.tap_weights %{{.+}}(%{{.+}} : tensor<512x64xf32>) slot %{{.+}} bias(%{{.+}} : memref<4x96xf32>) round %{{.+}} {
  // CHECK-SAME: softcap = 3.000000e+00 : f64
  // CHECK-SAME: window = 9 : i64, zero = 79 : i64
  kernel.tap_weights %step(%q : tensor<512x64xf32>) slot %slot bias(%bias : memref<4x96xf32>) round %round
      {heads = 4 : i64, mask = #kernel.mask<causal>, scale = 2.5e-01 : f64, window = 9 : i64,
       softcap = 3.0 : f64, zero = 79 : i64,
       cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
       tap = #kernel.tap<number = 0, name = "x", rounds = 1, heads = 4, columns = 1000>}
  return
}
