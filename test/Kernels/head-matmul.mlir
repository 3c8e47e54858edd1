// RUN: transformer-opt %s --emit-loops --canonicalize --cse | FileCheck %s

// A panel belongs to one head: it meets the columns of that head, here 4 a head, and
// its result goes behind those of the heads before, 20 a head, of which the second
// panel has but 4: these are stored under a mask.

// CHECK-LABEL: func.func @heads(
// CHECK:         scf.parallel (%[[PANEL:.+]]) = (%c0) to (%c4)
// CHECK:           scf.for %[[ROW:.+]] = %c0
// CHECK:             func.call @heads_head_matmul2(%{{.+}}, %[[ROW]], %[[PANEL]])
// CHECK:           case 1
// CHECK:             func.call @heads_head_matmul1(

// CHECK-LABEL: func.func private @heads_head_matmul2(
// CHECK-SAME:    %[[ROW:[a-z0-9]+]]: index, %[[PANEL:[a-z0-9]+]]: index)
// CHECK-DAG:     %[[HEAD:.+]] = arith.divui %[[PANEL]], %c2
// CHECK-DAG:     %[[FIRST:.+]] = arith.muli %[[HEAD]], %c4
// CHECK:         scf.for %[[K:.+]] = %c0 to %c3
// CHECK:           %[[AT:.+]] = arith.addi %[[FIRST]], %[[K]]
// CHECK:           memref.load %{{.+}}[%[[ROW]], %[[AT]]]
// CHECK:         %[[START:.+]] = arith.muli %[[HEAD]], %c20
// CHECK:         %[[END:.+]] = arith.addi %[[START]], %c20
// CHECK:         scf.if
// CHECK:           %[[VALID:.+]] = arith.subi %[[END]],
// CHECK:           vector.create_mask %[[VALID]]
// CHECK:           vector.maskedstore
// CHECK:         } else {
// CHECK-NOT:       maskedstore
// CHECK:         return
func.func @heads(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %there = arith.constant 131072 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x8xf32>
  %y = kernel.buffer scratch of %step[%there] : memref<512x40xf32>
  %w = kernel.buffer weights of %step[%zero] : memref<4x3x16xf32>
  kernel.head_matmul 2 of rows of %step(%x : memref<512x8xf32>) by (%w : memref<4x3x16xf32>)
      into (%y : memref<512x40xf32>)
      attributes {depth = 3 : i64, schedule = #kernel.schedule<rows = 2, vectors = 1, lanes = 16>}
  return
}
