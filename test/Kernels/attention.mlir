// RUN: transformer-opt %s --emit-loops --canonicalize --cse | FileCheck %s


// Heads times tiles are shared by the threads; a tile has one to six rows.

// CHECK-LABEL: func.func @causal(
// CHECK:         kernel.buffer tiles of
// CHECK:         kernel.count tiles of
// CHECK:         scf.parallel
// CHECK:           scf.index_switch
// CHECK:           case 1
// CHECK:             call @causal_attention1(
// CHECK:           default
// CHECK:             call @causal_attention2(

// Blocks of 64 keys in ascending order: scores into a small buffer, a mask only where
// a row's last key lies in the block, weights by 2^x, values gathered key by key.

// CHECK-LABEL: func.func private @causal_attention2(
// CHECK:         kernel.row_cache %{{.+}} : memref<2x32x64xf32>
// CHECK:         kernel.row_cache %{{.+}} : memref<2x2x64x16xf32>
// CHECK:         scf.for
// CHECK:           scf.for
// CHECK:             vector.load %{{.+}} : memref<2x32x64xf32>
// CHECK:             math.fma
// CHECK:           scf.if
// CHECK:             vector.create_mask
// CHECK:             arith.select
// CHECK:           math.roundeven
// CHECK:           scf.for
// CHECK:             vector.load %{{.+}} : memref<2x2x64x16xf32>
// CHECK:             math.fma
// CHECK:         arith.divf
// CHECK:         return
func.func @causal(%step: !kernel.step, %slot: index) {
  %zero = arith.constant 0 : index
  %q = kernel.buffer scratch of %step[%zero] : memref<512x32xf32>
  kernel.attention %step(%q : memref<512x32xf32>) slot %slot into (%q : memref<512x32xf32>)
      attributes {heads = 2 : i64, mask = #kernel.mask<causal>, scale = 0.25 : f64,
                  cache = #kernel.cache<blocks = 2, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 2, vectors = 4, lanes = 16>}
  return
}

// Capped scores go through tanh, which is a polynomial.

// CHECK-LABEL: func.func private @capped_attention1(
// CHECK-NOT:     math.tanh
// CHECK:         math.copysign
// CHECK:         return
func.func @capped(%step: !kernel.step, %slot: index) {
  %zero = arith.constant 0 : index
  %q = kernel.buffer scratch of %step[%zero] : memref<512x32xf32>
  kernel.attention %step(%q : memref<512x32xf32>) slot %slot into (%q : memref<512x32xf32>)
      attributes {heads = 2 : i64, mask = #kernel.mask<none>, scale = 0.25 : f64, softcap = 30.0 : f64,
                  cache = #kernel.cache<blocks = 2, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 1, vectors = 4, lanes = 16>}
  return
}
