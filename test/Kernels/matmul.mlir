// RUN: transformer-opt %s --emit-loops --canonicalize --cse | FileCheck %s
// RUN: transformer-opt %s --emit-loops --canonicalize --cse | FileCheck %s --check-prefix=AHEAD


// Panels are shared by the threads. Whole tiles first, then what is left of the rows
// by a tile of just so many.

// CHECK-LABEL: func.func @tiles(
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step)
// CHECK:         %[[ROWS:.+]] = kernel.count rows of %[[STEP]]
// CHECK:         scf.parallel (%[[PANEL:.+]]) = (%{{.+}}) to (%{{.+}})
// CHECK:           %[[LEFT:.+]] = arith.remui %[[ROWS]], %{{.+}}
// CHECK:           %[[FULL:.+]] = arith.subi %[[ROWS]], %[[LEFT]]
// CHECK:           scf.for %[[ROW:.+]] = %{{.+}} to %[[FULL]] step %{{.+}}
// CHECK:             call @tiles_matmul8(%[[STEP]], %[[ROW]], %[[PANEL]], %{{.+}}, %{{.+}})
// CHECK:           scf.index_switch %[[LEFT]]
// CHECK:           case 1
// CHECK:             call @tiles_matmul1(%[[STEP]], %[[FULL]], %[[PANEL]])
// CHECK:           case 7
// CHECK:             call @tiles_matmul7(%[[STEP]], %[[FULL]], %[[PANEL]])

// A whole tile brings its share of the next panel into the cache, two lines a step of
// K, which is all that a panel of 48 columns needs with two tiles; smaller tiles bring
// nothing.

// AHEAD-LABEL: func.func private @tiles_matmul8(
// AHEAD-SAME:    %[[PANEL:[a-z0-9]+]]: index, %[[FIRST:[a-z0-9]+]]: index, %[[SHARE:[a-z0-9]+]]: index)
// AHEAD:         scf.for %[[K:[a-z0-9]+]] =
// AHEAD:           %[[NEXT:.+]] = arith.addi %[[PANEL]], %c1
// AHEAD:           %[[LINE:.+]] = arith.muli %[[K]], %c2
// AHEAD:           %[[ON:.+]] = arith.muli %[[LINE]], %[[SHARE]]
// AHEAD:           %[[AT:.+]] = arith.addi %[[FIRST]], %[[ON]]
// AHEAD:           memref.prefetch %{{.+}}[%[[NEXT]], %c0, %[[AT]]], read, locality<2>, data
// AHEAD:           memref.prefetch
// AHEAD-NOT:       memref.prefetch
// AHEAD:           math.fma
// AHEAD-LABEL: func.func private @tiles_matmul1(
// AHEAD-NOT:     memref.prefetch
// AHEAD:         return

// The micro-kernel: 24 accumulators carried over all of K, in each step three vectors
// of the panel, eight broadcast values and 24 fused multiply-adds. Nothing masked.

// CHECK-LABEL: func.func private @tiles_matmul8(
// CHECK:         scf.for %[[K:.+]] = %{{.+}} to %{{.+}} step %{{.+}} iter_args({{([^,]+, ){23}[^,]+}}) -> ({{(vector<16xf32>, ){23}vector<16xf32>}})
// CHECK-COUNT-3:   vector.load %{{.+}}[%{{.+}}, %[[K]], %{{.+}}]
// CHECK:           memref.load %{{.+}}[%{{.+}}, %[[K]]]
// CHECK:           vector.broadcast
// CHECK-COUNT-24:  math.fma
// CHECK-NOT:       math.fma
// CHECK:           scf.yield
// CHECK-COUNT-24: vector.store
// CHECK-NOT:     vector.{{.*}}store
// CHECK:         return
func.func @tiles(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %there = arith.constant 131072 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x40xf32>
  %y = kernel.buffer scratch of %step[%there] : memref<512x96xf32>
  %w = kernel.buffer weights of %step[%zero] : memref<2x40x48xf32>
  kernel.matmul rows of %step(%x : memref<512x40xf32>) by (%w : memref<2x40x48xf32>)
      into (%y : memref<512x96xf32>)
      attributes {columns = array<i64: 96>, targets = [#kernel.to<rows>], accesses = [],
                  accumulators = 1 : i64,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// The last panel is not full: its columns are stored under a mask, those of the other
// panels plainly.

// CHECK-LABEL: func.func private @tail_matmul1(
// CHECK:         %[[LAST:.+]] = arith.cmpi
// CHECK:         scf.if %[[LAST]]
// CHECK-COUNT-2:   vector.maskedstore
// CHECK:         } else {
// CHECK-COUNT-2:   vector.store
func.func @tail(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %there = arith.constant 131072 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x40xf32>
  %y = kernel.buffer scratch of %step[%there] : memref<512x50xf32>
  %w = kernel.buffer weights of %step[%zero] : memref<2x40x32xf32>
  kernel.matmul rows of %step(%x : memref<512x40xf32>) by (%w : memref<2x40x32xf32>)
      into (%y : memref<512x50xf32>)
      attributes {columns = array<i64: 50>, targets = [#kernel.to<rows>], accesses = [],
                  accumulators = 1 : i64,
                  schedule = #kernel.schedule<rows = 1, vectors = 2, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// Lanes of the target: the same loop with narrower vectors.

// CHECK-LABEL: func.func private @narrow_matmul1(
// CHECK:         scf.for {{.+}} -> (vector<8xf32>, vector<8xf32>)
// CHECK-COUNT-2:   math.fma %{{.+}} : vector<8xf32>
func.func @narrow(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %there = arith.constant 131072 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x40xf32>
  %y = kernel.buffer scratch of %step[%there] : memref<512x32xf32>
  %w = kernel.buffer weights of %step[%zero] : memref<2x40x16xf32>
  kernel.matmul rows of %step(%x : memref<512x40xf32>) by (%w : memref<2x40x16xf32>)
      into (%y : memref<512x32xf32>)
      attributes {columns = array<i64: 32>, targets = [#kernel.to<rows>], accesses = [],
                  accumulators = 1 : i64,
                  schedule = #kernel.schedule<rows = 1, vectors = 2, lanes = 8>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// Gate and up: the first half of a panel's vectors with the second half.

// CHECK-LABEL: func.func private @gated_matmul1(
// CHECK:         %[[SUMS:.+]]:4 = scf.for
// CHECK-DAG:     arith.mulf %[[SUMS]]#0, %[[SUMS]]#2
// CHECK-DAG:     arith.mulf %[[SUMS]]#1, %[[SUMS]]#3
// CHECK-COUNT-2: vector.store
func.func @gated(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %there = arith.constant 131072 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x40xf32>
  %y = kernel.buffer scratch of %step[%there] : memref<512x64xf32>
  %w = kernel.buffer weights of %step[%zero] : memref<2x40x64xf32>
  kernel.matmul rows of %step(%x : memref<512x40xf32>) by (%w : memref<2x40x64xf32>)
      into (%y : memref<512x64xf32>)
      attributes {columns = array<i64: 64>, targets = [#kernel.to<rows>], accesses = [],
                  accumulators = 2 : i64,
                  schedule = #kernel.schedule<rows = 1, vectors = 4, lanes = 16>} {
  ^bb0(%gate: f32, %up: f32):
    %s = arith.mulf %gate, %up : f32
    kernel.yield %s
  }
  return
}

// A region works on the accumulators as vectors; exp is a polynomial.

// CHECK-LABEL: func.func private @activation_matmul1(
// CHECK:         %[[SUM:.+]] = scf.for
// CHECK-NOT:     math.exp
// CHECK:         math.roundeven %{{.+}} : vector<16xf32>
// CHECK-NOT:     math.exp
// CHECK:         %[[Y:.+]] = arith.divf %[[SUM]], %{{.+}} : vector<16xf32>
// CHECK:         vector.store %[[Y]]
func.func @activation(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %there = arith.constant 131072 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x40xf32>
  %y = kernel.buffer scratch of %step[%there] : memref<512x32xf32>
  %w = kernel.buffer weights of %step[%zero] : memref<2x40x16xf32>
  kernel.matmul rows of %step(%x : memref<512x40xf32>) by (%w : memref<2x40x16xf32>)
      into (%y : memref<512x32xf32>)
      attributes {columns = array<i64: 32>, targets = [#kernel.to<rows>], accesses = [],
                  accumulators = 1 : i64,
                  schedule = #kernel.schedule<rows = 1, vectors = 1, lanes = 16>} {
  ^bb0(%acc: f32):
    %one = arith.constant 1.0 : f32
    %e = math.exp %acc : f32
    %d = arith.addf %e, %one : f32
    %s = arith.divf %acc, %d : f32
    kernel.yield %s
  }
  return
}
