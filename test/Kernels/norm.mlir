// RUN: transformer-opt %s --emit-loops --canonicalize --cse | FileCheck %s


// 16 partial sums by column mod 16, a masked vector for the 8 columns that are left,
// then halves onto halves: the order is the same for every machine.

// CHECK-LABEL: func.func private @layer_norm(
// CHECK:         %[[SUMS:.+]] = scf.for %{{.+}} iter_args(%{{.+}} = %{{.+}}) -> (vector<16xf32>)
// CHECK:           vector.load
// CHECK-NEXT:      arith.addf
// CHECK:         %[[MASK:.+]] = vector.constant_mask [8] : vector<16xi1>
// CHECK:         vector.maskedload %{{.+}}[%{{.+}}], %[[MASK]]
// CHECK:         %[[ALL:.+]] = arith.addf %[[SUMS]], %{{.+}} : vector<16xf32>
// CHECK:         arith.addf %{{.+}} : vector<8xf32>
// CHECK:         arith.addf %{{.+}} : vector<4xf32>
// CHECK:         arith.addf %{{.+}} : vector<2xf32>
// CHECK:         arith.divf

// Squares of what is left without the mean, zero where there is no column.

// CHECK:         scf.for
// CHECK:           %[[D:.+]] = arith.subf
// CHECK-NEXT:      math.fma %[[D]], %[[D]]
// CHECK:         arith.select %[[MASK]]
// CHECK:         math.sqrt
// CHECK:         arith.divf
// CHECK:         scf.for
// CHECK:           math.fma
// CHECK:           vector.store
// CHECK:         vector.maskedstore %{{.+}}, %[[MASK]]
func.func @layer(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x40xf32>
  %w = kernel.buffer weights of %step[%zero] : memref<192xf32>
  kernel.norm rows of %step(%x : memref<512x40xf32>) norm (%w, %w : memref<192xf32>, memref<192xf32>)
      into (%x : memref<512x40xf32>)
      attributes {norm = #kernel.normalise<kind = layer, eps = 1.0e-6 : f64, group = 0>}
  return
}

// RMS has no mean; each group of 16 columns is normalised by itself.

// CHECK-LABEL: func.func private @heads_norm(
// CHECK:         scf.for
// CHECK-NOT:       arith.subf
// CHECK:           vector.load
// CHECK-NOT:       arith.subf
// CHECK:           vector.store
// CHECK-NOT:     arith.subf
// CHECK:         return
func.func @heads(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x64xf32>
  kernel.norm rows of %step(%x : memref<512x64xf32>) into (%x : memref<512x64xf32>)
      attributes {norm = #kernel.normalise<kind = rms, eps = 1.0e-6 : f64, group = 16>}
  return
}
