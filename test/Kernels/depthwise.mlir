// RUN: transformer-opt %s --emit-loops --canonicalize --cse | FileCheck %s

// Blocks of 16 rows; as long as two windows of a line are whole, their rows are
// made together, without a question for a place. At the edges a row is made alone,
// of the lines and columns that are there. Of 40 columns the last 8 are half of a
// vector: they are read and stored under a mask.

// CHECK-LABEL: func.func @grid(
// CHECK:         arith.addi %{{.+}}, %c15
// CHECK:         %[[N:.+]] = arith.divui %{{.+}}, %c16
// CHECK:         scf.parallel (%[[I:.+]]) = (%c0) to (%[[N]])
// CHECK:           func.call @grid_depthwise(%{{.+}}, %[[I]])

// A sequence ends where rows have other positions than they would have in it: a
// window's last place is counted for.

// CHECK-LABEL: func.func @line(

// CHECK-LABEL: func.func private @grid_depthwise(
// CHECK:         scf.while
// CHECK:           scf.condition
// CHECK:           scf.if
// CHECK-NOT:         scf.if
// CHECK:             scf.for
// CHECK:               scf.for %{{.+}} = %c0 to %c3
// CHECK-COUNT-2:         vector.load %{{.+}} : memref<2x9x32xf32>, vector<16xf32>
// CHECK-COUNT-4:         vector.load %{{.+}} : memref<512x40xf32>, vector<16xf32>
// CHECK-COUNT-4:     vector.store
// CHECK-COUNT-2:     vector.maskedload
// CHECK-COUNT-2:     vector.maskedstore
// CHECK:           } else {
// CHECK:             scf.if
// CHECK:               scf.for %{{.+}} = %[[TOP:.+]] to %[[BOTTOM:.+]] step
// CHECK:                 scf.for %{{.+}} = %[[LEFT:.+]] to %[[RIGHT:.+]] step
// CHECK-COUNT-1:         vector.maskedstore

// CHECK-LABEL: func.func private @line_depthwise(
// CHECK:         scf.while
// CHECK:           scf.for
// CHECK:             arith.cmpi eq
// CHECK:             arith.select
// CHECK:           scf.for
// CHECK-COUNT-4:     vector.load %{{.+}} : memref<1x3x32xf32>, vector<8xf32>
func.func @grid(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %there = arith.constant 131072 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x40xf32>
  %y = kernel.buffer scratch of %step[%there] : memref<512x40xf32>
  %w = kernel.buffer weights of %step[%zero] : memref<2x9x32xf32>
  kernel.depthwise of %step to %step(%x : memref<512x40xf32>) by (%w : memref<2x9x32xf32>)
      windows <size = 3, stride = 1, pad = 1, lines = 4, columns = 7, skip = 0>
      into (%y : memref<512x40xf32>)
      attributes {schedule = #kernel.schedule<rows = 2, vectors = 2, lanes = 16>}
  return
}

func.func @line(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %there = arith.constant 131072 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x32xf32>
  %y = kernel.buffer scratch of %step[%there] : memref<512x32xf32>
  %w = kernel.buffer weights of %step[%zero] : memref<1x3x32xf32>
  kernel.depthwise of %step to %step(%x : memref<512x32xf32>) by (%w : memref<1x3x32xf32>)
      windows <size = 3, stride = 1, pad = 1, lines = 0, columns = 0, skip = 0>
      into (%y : memref<512x32xf32>)
      attributes {schedule = #kernel.schedule<rows = 1, vectors = 4, lanes = 8>}
  return
}
