// RUN: transformer-opt %s --emit-loops --canonicalize --cse | FileCheck %s


// A row at a time, 16 columns and a masked rest; operands are read as their accesses
// say.

// CHECK-LABEL: func.func @add(
// CHECK:         %[[N:.+]] = kernel.count outputs of
// CHECK:         scf.parallel (%{{.+}}) = (%{{.+}}) to (%[[N]])
// CHECK:           call @add_map(
// CHECK-LABEL: func.func private @add_map(
// CHECK-SAME:    %[[ROW:[^:]+]]: index)
// CHECK:         scf.for %[[C:.+]] =
// CHECK-DAG:       %[[X:.+]] = vector.load %{{.+}}[%[[ROW]], %[[C]]] : memref<512x40xf32>
// CHECK-DAG:       %[[POSITION:.+]] = arith.index_cast
// CHECK-DAG:       %[[T:.+]] = vector.load %{{.+}}[%[[POSITION]], %[[C]]] : memref<64x56xf32>
// CHECK:           %[[SUM:.+]] = arith.addf %[[X]], %[[T]]
// CHECK:           vector.store %[[SUM]]
// CHECK:         vector.constant_mask [8]
// CHECK:         vector.maskedload
// CHECK:         vector.maskedstore
func.func @add(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x40xf32>
  %t = kernel.buffer weights of %step[%zero] : memref<64x56xf32>
  kernel.map outputs of %step(%x : memref<512x40xf32>) with (%t : memref<64x56xf32>)
      into (%x : memref<512x40xf32>)
      attributes {columns = 40 : i64, target = #kernel.to<rows>, accesses = [#kernel.access<positions>]} {
  ^bb0(%e: f32, %p: f32):
    %s = arith.addf %e, %p : f32
    kernel.yield %s
  }
  return
}

// The neighbour in a pair is a shuffle.

// CHECK-LABEL: func.func private @swap_map(
// CHECK:         vector.shuffle %[[X:.+]], %[[X]] [1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14]
func.func @swap(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x16xf32>
  kernel.map rows of %step(%x : memref<512x16xf32>) into (%x : memref<512x16xf32>)
      attributes {columns = 16 : i64, target = #kernel.to<rows>, accesses = []} {
  ^bb0(%e: f32):
    %s = kernel.swap_pairs %e
    kernel.yield %s
  }
  return
}
