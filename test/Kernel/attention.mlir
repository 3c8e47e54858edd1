// RUN: transformer-opt %s | transformer-opt | FileCheck %s


// Four heads of queries share two of keys (16) and values (8).

// CHECK-LABEL: func @grouped
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step, %[[Q:.+]]: tensor<512x64xf32>, %[[SLOT:.+]]: index, %[[TO:.+]]: tensor<512x32xf32>
func.func @grouped(%step: !kernel.step, %q: tensor<512x64xf32>, %slot: index,
                   %to: tensor<512x32xf32>) -> tensor<512x32xf32> {
  // CHECK: kernel.attention %[[STEP]](%[[Q]] : tensor<512x64xf32>) slot %[[SLOT]] into(%[[TO]] : tensor<512x32xf32>)
  // CHECK-SAME: cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 8>
  // CHECK-SAME: mask = #kernel.mask<causal>
  // CHECK-SAME: softcap = 3.000000e+01 : f64, window = 128 : i64
  %r = kernel.attention %step(%q : tensor<512x64xf32>) slot %slot into (%to : tensor<512x32xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<causal>, scale = 0.25 : f64,
                  window = 128 : i64, softcap = 30.0 : f64,
                  cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 8>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
      -> tensor<512x32xf32>
  return %r : tensor<512x32xf32>
}

// A cache of another format.

// CHECK-LABEL: func @cached
func.func @cached(%step: !kernel.step, %q: memref<512x64xf32>, %slot: index, %to: memref<512x32xf32>) {
  // CHECK: kernel.attention
  // CHECK-SAME: cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 8, format = int8>
  kernel.attention %step(%q : memref<512x64xf32>) slot %slot into (%to : memref<512x32xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<causal>, scale = 0.25 : f64,
                  cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 8, format = int8>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
  return
}

// Biases of 2 heads for distances from -15 to 0, 16 columns more on either side.

// CHECK-LABEL: func @biased
// CHECK-SAME:    %[[BIAS:[a-z0-9]+]]: memref<2x48xf32>
func.func @biased(%step: !kernel.step, %q: memref<512x32xf32>, %slot: index,
                  %bias: memref<2x48xf32>) {
  // CHECK: kernel.attention %{{.+}} slot %{{.+}} bias(%[[BIAS]] : memref<2x48xf32>) into(
  // CHECK-SAME: zero = 31 : i64
  kernel.attention %step(%q : memref<512x32xf32>) slot %slot bias (%bias : memref<2x48xf32>)
      into (%q : memref<512x32xf32>)
      attributes {heads = 2 : i64, mask = #kernel.mask<causal>, scale = 0.25 : f64, zero = 31 : i64,
                  cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
  return
}

// The keys of the source.

// CHECK-LABEL: func @source
func.func @source(%step: !kernel.step, %q: tensor<512x32xf32>, %slot: index) -> tensor<512x32xf32> {
  // CHECK: kernel.attention {{.+}}mask = #kernel.mask<source>
  %r = kernel.attention %step(%q : tensor<512x32xf32>) slot %slot into (%q : tensor<512x32xf32>)
      attributes {heads = 2 : i64, mask = #kernel.mask<source>, scale = 0.25 : f64,
                  cache = #kernel.cache<blocks = 1, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
      -> tensor<512x32xf32>
  return %r : tensor<512x32xf32>
}

// Segments that are drawn, for each repetition its own.

// CHECK-LABEL: func @random
func.func @random(%step: !kernel.step, %q: memref<512x32xf32>, %slot: index, %round: index) {
  // CHECK: kernel.attention %{{.+}} slot %{{.+}} round %{{.+}} into(
  // CHECK-SAME: random = #kernel.random<segments = 3, seed = 7>
  kernel.attention %step(%q : memref<512x32xf32>) slot %slot round %round
      into (%q : memref<512x32xf32>)
      attributes {heads = 2 : i64, mask = #kernel.mask<none>, scale = 0.25 : f64,
                  window = 17 : i64, segment = 16 : i64, random = #kernel.random<segments = 3, seed = 7>,
                  cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
  return
}
