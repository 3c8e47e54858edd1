// RUN: transformer-opt %s --emit-loops --canonicalize --cse | FileCheck %s

// The rows of a tile one after the other, blocks of 64 keys in ascending order, the
// values gathered key by key. Nothing is exponentiated; relu keeps what is above 0, keys
// that the row does not see weigh 0, and the sum is not divided.

// CHECK-LABEL: func.func @counted(
// CHECK:         scf.parallel
// CHECK:           scf.for
// CHECK:             call @counted_score_attention(
// CHECK-LABEL: func.func private @counted_score_attention(
// CHECK:         kernel.row_cache %{{.+}} : memref<2x32x64xf32>
// CHECK:         scf.for
// CHECK:           math.fma
// CHECK:           arith.cmpf ogt
// CHECK:           vector.create_mask
// CHECK:           arith.select
// CHECK-NOT:       math.roundeven
// CHECK:           math.fma
// CHECK-NOT:     arith.divf
// CHECK:         return
func.func @counted(%step: !kernel.step, %slot: index) {
  %zero = arith.constant 0 : index
  %q = kernel.buffer scratch of %step[%zero] : memref<512x32xf32>
  kernel.score_attention relu of %step(%q : memref<512x32xf32>) slot %slot into (%q : memref<512x32xf32>)
      attributes {heads = 2 : i64, mask = #kernel.mask<causal>, divisor = #kernel.divisor<one>, scale = 1.0 : f64,
                  hidden = 0 : i64, cache = #kernel.cache<blocks = 2, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 2, vectors = 4, lanes = 16>}
  return
}
