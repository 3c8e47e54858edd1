// RUN: transformer-opt %s --emit-loops --canonicalize --cse | FileCheck %s


// Q, K and V: a panel belongs to one part. The first panel makes queries, the second
// keys, the third values.

// CHECK-LABEL: func.func @parts(
// CHECK:         scf.parallel (%[[PANEL:[^)]+]])
// CHECK:           scf.if
// CHECK:             call @parts_matmul1(
// CHECK:           } else {
// CHECK:             scf.if
// CHECK:               call @parts_matmul1_2(
// CHECK:             } else {
// CHECK:               call @parts_matmul1_3(

// A norm is a row pass before: the panels read its rows.

// CHECK-LABEL: func.func private @parts_norm(

// Queries go into rows.

// CHECK-LABEL: func.func private @parts_matmul1(
// CHECK-NOT:     kernel.row_cache
// CHECK:         return

// A key's values lie across its block, 64 positions apart.

// CHECK-LABEL: func.func private @parts_matmul1_2(
// CHECK:         %[[KEYS:.+]] = kernel.row_cache %{{.+}} row %{{.+}}[%{{.+}}] : memref<2x32x64xf32>
// CHECK:         memref.store %{{.+}}, %[[KEYS]]

// Values lie along their row.

// CHECK-LABEL: func.func private @parts_matmul1_3(
// CHECK:         %[[VALUES:.+]] = kernel.row_cache %{{.+}} row %{{.+}}[%{{.+}}] : memref<2x2x64x16xf32>
// CHECK:         vector.store %{{.+}}, %[[VALUES]]
func.func @parts(%step: !kernel.step, %slot: index) {
  %zero = arith.constant 0 : index
  %there = arith.constant 131072 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x40xf32>
  %y = kernel.buffer scratch of %step[%there] : memref<512x32xf32>
  %w = kernel.buffer weights of %step[%zero] : memref<3x40x32xf32>
  kernel.matmul rows of %step(%x : memref<512x40xf32>) by (%w : memref<3x40x32xf32>) slot %slot
      into (%x, %y : memref<512x40xf32>, memref<512x32xf32>)
      attributes {columns = array<i64: 32, 32, 32>, accesses = [], accumulators = 1 : i64,
                  targets = [#kernel.to<rows>, #kernel.to<keys>, #kernel.to<values>],
                  norm = #kernel.normalise<kind = rms, eps = 1.0e-5 : f64, group = 0>,
                  cache = #kernel.cache<blocks = 2, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 1, vectors = 2, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }, {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }, {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}
