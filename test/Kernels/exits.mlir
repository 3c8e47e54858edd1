// RUN: transformer-opt %s -split-input-file --emit-loops --canonicalize --cse | FileCheck %s

// Three counts, then the numbers of the sequences.

// CHECK-LABEL: func.func @all(
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step, %[[LEFT:.+]]: memref<515xi32>
// CHECK:         %[[SEQUENCES:.+]] = kernel.count sequences of %[[STEP]]
// CHECK-COUNT-3: memref.store %{{.+}}, %[[LEFT]]
// CHECK:         scf.for %[[S:.+]] = %{{.+}} to %[[SEQUENCES]]
// CHECK:           %[[NUMBER:.+]] = arith.index_cast %[[S]]
// CHECK:           memref.store %[[NUMBER]], %[[LEFT]]
func.func @all(%step: !kernel.step, %left: memref<515xi32>) {
  kernel.remain_all %step in (%left : memref<515xi32>)
  return
}

// -----

// A sequence whose largest probability is not below the threshold puts its scores
// into the row that its number says; another moves, if some before it have left,
// and so do its entries. In the end there is a count of all that.

// CHECK-LABEL: func.func @leave(
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step, %[[LEFT:.+]]: memref<515xi32>, %[[S:.+]]: memref<512x3xf32>, %[[X:.+]]: memref<512x8xf32>
// CHECK-DAG:     %[[ABOVE:.+]] = arith.constant 5.000000e-01 : f32
// CHECK-DAG:     %[[OUTPUT:.+]] = kernel.buffer output of %[[STEP]]{{.+}} : memref<512x3xf32>
// CHECK:         %[[ENDS:.+]]:3 = scf.for
// CHECK:           %[[P:.+]] = arith.divf
// CHECK:           %[[LEAVES:.+]] = arith.cmpf oge, %[[P]], %[[ABOVE]]
// CHECK:           scf.if %[[LEAVES]]
// CHECK:             vector.maskedstore %[[OUTPUT]]
// CHECK:           else
// CHECK:             scf.if
// CHECK:               scf.for
// CHECK:                 vector.maskedload %[[X]]
// CHECK:                 vector.maskedstore %[[X]]
// CHECK:             memref.store %{{.+}}, %[[LEFT]]
// CHECK:             scf.for
// CHECK:           arith.select %[[LEAVES]]
// CHECK:         memref.store %{{.+}}, %[[LEFT]]
// CHECK:         memref.store %{{.+}}, %[[LEFT]]
// CHECK:         memref.store %{{.+}}, %[[LEFT]]
// CHECK:         return
func.func @leave(%step: !kernel.step, %left: memref<515xi32>, %s: memref<512x3xf32>, %x: memref<512x8xf32>) {
  kernel.leave %step(%s : memref<512x3xf32>) of (%left : memref<515xi32>) into (%x : memref<512x8xf32>)
      attributes {above = 0.5 : f64, tile = 6 : i64}
  return
}

// -----

// Without a threshold all scores go out, and nothing else happens.

// CHECK-LABEL: func.func @end(
// CHECK:         scf.for
// CHECK-NOT:       arith.cmpf
// CHECK-NOT:       scf.if
// CHECK:           vector.maskedstore
// CHECK-NOT:     memref.store
// CHECK:         return
func.func @end(%step: !kernel.step, %left: memref<515xi32>, %s: memref<512x3xf32>) {
  kernel.leave %step(%s : memref<512x3xf32>) of (%left : memref<515xi32>) attributes {tile = 6 : i64}
  return
}

// -----

// Of what is left there may be nothing: then no weights are read.

// CHECK-LABEL: func.func @nobody(
// CHECK:         %[[NOW:.+]] = kernel.remaining_step
// CHECK:         %[[N:.+]] = kernel.count rows of %[[NOW]]
// CHECK:         %[[ANY:.+]] = arith.cmpi {{sgt|slt}}, %{{.+}}
// CHECK:         %[[WORK:.+]] = arith.select %[[ANY]]
// CHECK:         scf.parallel (%{{.+}}) = (%{{.+}}) to (%[[WORK]])
func.func @nobody(%step: !kernel.step, %left: memref<515xi32>, %x: memref<512x8xf32>,
                  %w: memref<2x8x48xf32>, %to: memref<512x96xf32>) {
  %now = kernel.remaining_step %step of (%left : memref<515xi32>)
  kernel.matmul rows of %now(%x : memref<512x8xf32>) by (%w : memref<2x8x48xf32>) into (%to : memref<512x96xf32>)
      attributes {columns = array<i64: 96>, targets = [#kernel.to<rows>], accesses = [], accumulators = 1 : i64,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%e: f32):
    kernel.yield %e
  }
  return
}
