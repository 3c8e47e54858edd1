// RUN: transformer-opt %s --emit-loops --canonicalize --cse | FileCheck %s

// Sequences and panels of columns in parallel. A row's window takes what lies
// before the step out of the cache, the rest out of the input, in one order; the
// rows that later steps will see move to the cache in the end. The last 24 of the
// 40 columns' two panels are not there: they are read and stored under a mask.

// CHECK-LABEL: func.func @weighs(
// CHECK:         scf.parallel
// CHECK:           func.call @weighs_short_conv(

// CHECK-LABEL: func.func private @weighs_short_conv(
// CHECK:         %[[KEPT:.+]] = kernel.row_cache {{.+}} : memref<3x64xf32>
// CHECK:         scf.if
// CHECK:           vector.store {{.+}} : memref<3x64xf32>, vector<16xf32>
// CHECK:         scf.for
// CHECK:           scf.for
// CHECK:             vector.load %{{.+}} : memref<2x4x32xf32>, vector<16xf32>
// CHECK:             vector.load %[[KEPT]]
// CHECK:             math.fma
// CHECK:           scf.for
// CHECK:             vector.load %{{.+}} : memref<2x4x32xf32>, vector<16xf32>
// CHECK:             vector.maskedload
// CHECK:             math.fma
// CHECK-COUNT-2:   vector.maskedstore
// CHECK:         scf.for
// CHECK:           scf.if
// CHECK:             vector.load %[[KEPT]]
// CHECK:           else
// CHECK:             vector.maskedload
func.func @weighs(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %there = arith.constant 131072 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x40xf32>
  %y = kernel.buffer scratch of %step[%there] : memref<512x40xf32>
  %w = kernel.buffer weights of %step[%zero] : memref<2x4x32xf32>
  kernel.short_conv %step(%x : memref<512x40xf32>) by (%w : memref<2x4x32xf32>)
      slot %zero into (%y : memref<512x40xf32>)
      attributes {schedule = #kernel.schedule<rows = 1, vectors = 2, lanes = 16>}
  return
}
