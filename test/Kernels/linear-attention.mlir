// RUN: transformer-opt %s --emit-loops --canonicalize --cse | FileCheck %s

// A sequence and a head of keys at a time, its rows in order: into the sums, which begin
// with 0 at position 0, then answered from them, divided by query * sum of keys.

// CHECK-LABEL: func.func @causal(
// CHECK:         kernel.count sequences
// CHECK:         scf.parallel
// CHECK:           call @causal_linear_attention(
// CHECK-LABEL: func.func private @causal_linear_attention(
// CHECK:         %[[SUMS:.+]] = kernel.row_cache %{{.+}} : memref<1x4x16xf32>
// CHECK:         %[[KEYS:.+]] = kernel.row_cache %{{.+}} : memref<1x16xf32>
// CHECK:         scf.if
// CHECK:           vector.store %{{.+}}, %[[KEYS]]
// CHECK:         scf.for
// CHECK:           arith.addf
// CHECK:           math.fma
// CHECK:           vector.store %{{.+}}, %[[SUMS]]
// CHECK:           arith.cmpf oeq
// CHECK:           arith.divf
// CHECK:         return
func.func @causal(%step: !kernel.step, %slot: index) {
  %zero = arith.constant 0 : index
  %q = kernel.buffer scratch of %step[%zero] : memref<512x8xf32>
  %k = kernel.buffer scratch of %step[%zero] : memref<512x4xf32>
  %to = kernel.buffer scratch of %step[%zero] : memref<512x10xf32>
  %v = kernel.buffer scratch of %step[%zero] : memref<512x5xf32>
  kernel.linear_attention %step(%q, %k, %v : memref<512x8xf32>, memref<512x4xf32>, memref<512x5xf32>)
      slot %slot into (%to : memref<512x10xf32>)
      attributes {heads = 2 : i64, mask = #kernel.mask<causal>, divisor = #kernel.divisor<weights>,
                  state = #kernel.state<kvHeads = 1, headDim = 4, valueDim = 5>}
  return
}

// Factors for all rows are read before the loop over them.

// CHECK-LABEL: func.func private @fixed_linear_attention(
// CHECK:         memref.load %{{.+}} : memref<192xf32>
// CHECK:         scf.for
// CHECK:           arith.mulf
// CHECK:           math.fma
// CHECK:         return
func.func @fixed(%step: !kernel.step, %slot: index, %factors: memref<192xf32>) {
  %zero = arith.constant 0 : index
  %q = kernel.buffer scratch of %step[%zero] : memref<512x8xf32>
  %to = kernel.buffer scratch of %step[%zero] : memref<512x8xf32>
  kernel.linear_attention %step(%q, %q, %q : memref<512x8xf32>, memref<512x8xf32>, memref<512x8xf32>)
      slot %slot decay (%factors : memref<192xf32>) into (%to : memref<512x8xf32>)
      attributes {heads = 2 : i64, mask = #kernel.mask<causal>, divisor = #kernel.divisor<one>,
                  state = #kernel.state<kvHeads = 2, headDim = 4, valueDim = 4>}
  return
}

// Decays of the input belong to a row.

// CHECK-LABEL: func.func private @input_linear_attention(
// CHECK:         scf.for %[[ROW:.+]] =
// CHECK:           memref.load %{{.+}}[%[[ROW]], %{{.+}}] : memref<512x2xf32>
// CHECK:         return
func.func @input(%step: !kernel.step, %slot: index) {
  %zero = arith.constant 0 : index
  %q = kernel.buffer scratch of %step[%zero] : memref<512x8xf32>
  %d = kernel.buffer scratch of %step[%zero] : memref<512x2xf32>
  %to = kernel.buffer scratch of %step[%zero] : memref<512x8xf32>
  kernel.linear_attention %step(%q, %q, %q : memref<512x8xf32>, memref<512x8xf32>, memref<512x8xf32>)
      slot %slot decay (%d : memref<512x2xf32>) into (%to : memref<512x8xf32>)
      attributes {heads = 2 : i64, mask = #kernel.mask<causal>, divisor = #kernel.divisor<one>,
                  state = #kernel.state<kvHeads = 2, headDim = 4, valueDim = 4>}
  return
}

// The delta rule: what sums that have decayed answer to a row's key is taken from
// its value, and these take a share of the rest.

// CHECK-LABEL: func.func private @corrects_linear_attention(
// CHECK:         scf.for %[[ROW:.+]] =
// CHECK:           %[[SHARE:.+]] = memref.load %{{.+}}[%[[ROW]], %{{.+}}] : memref<512x2xf32>
// CHECK:           scf.for
// CHECK:             arith.mulf
// CHECK:             math.fma
// CHECK:           arith.subf
// CHECK:           arith.mulf
// CHECK:           scf.for
// CHECK:             arith.mulf
// CHECK:             math.fma
// CHECK:             vector.store
// CHECK:         return
func.func @corrects(%step: !kernel.step, %slot: index, %factors: memref<192xf32>) {
  %zero = arith.constant 0 : index
  %q = kernel.buffer scratch of %step[%zero] : memref<512x8xf32>
  %d = kernel.buffer scratch of %step[%zero] : memref<512x2xf32>
  %to = kernel.buffer scratch of %step[%zero] : memref<512x8xf32>
  kernel.linear_attention %step(%q, %q, %q : memref<512x8xf32>, memref<512x8xf32>, memref<512x8xf32>)
      slot %slot decay (%factors : memref<192xf32>) delta (%d : memref<512x2xf32>) into (%to : memref<512x8xf32>)
      attributes {heads = 2 : i64, mask = #kernel.mask<causal>, divisor = #kernel.divisor<one>,
                  state = #kernel.state<kvHeads = 2, headDim = 4, valueDim = 4>}
  return
}

// As many rows are added before one is answered as its limit says.

// CHECK-LABEL: func.func private @prefix_linear_attention(
// CHECK:         kernel.buffer limits
// CHECK:         scf.for %{{.+}} iter_args(%[[ADDED:.+]] = %{{.+}})
// CHECK:           scf.for %{{.+}} = %[[ADDED]] to
func.func @prefix(%step: !kernel.step, %slot: index) {
  %zero = arith.constant 0 : index
  %q = kernel.buffer scratch of %step[%zero] : memref<512x8xf32>
  %to = kernel.buffer scratch of %step[%zero] : memref<512x8xf32>
  kernel.linear_attention %step(%q, %q, %q : memref<512x8xf32>, memref<512x8xf32>, memref<512x8xf32>)
      slot %slot into (%to : memref<512x8xf32>)
      attributes {heads = 2 : i64, mask = #kernel.mask<prefix>, divisor = #kernel.divisor<weights>,
                  state = #kernel.state<kvHeads = 2, headDim = 4, valueDim = 4>}
  return
}
