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

// Into a cache of int8 a row goes head by head: the largest value, by it the scale, then
// bytes; a key's bytes lie 64 apart, a value's side by side.

// CHECK-LABEL: func.func private @keys_map(
// CHECK:         memref.alloca() {{.*}} : memref<1x40xf32>
// CHECK:         kernel.row_cache %{{.+}} : memref<2x40x64xi8>
// CHECK:         kernel.row_cache %{{.+}} : memref<2x2x64xf32>
// CHECK:         scf.for
// CHECK:           math.absf
// CHECK:           arith.divf
// CHECK:           memref.store %{{.+}} : memref<2x2x64xf32>
// CHECK:           math.roundeven
// CHECK:           arith.trunci %{{.+}} : vector<16xi32> to vector<16xi8>
// CHECK-COUNT-16:  memref.store %{{.+}} : memref<2x40x64xi8>
// CHECK:           vector.maskedload
// CHECK-COUNT-4:   memref.store %{{.+}} : memref<2x40x64xi8>
// CHECK-NOT:       memref.store
// CHECK:         return
func.func @keys(%step: !kernel.step, %slot: index) {
  %zero = arith.constant 0 : index
  %k = kernel.buffer scratch of %step[%zero] : memref<512x40xf32>
  kernel.map rows of %step(%k : memref<512x40xf32>) slot %slot
      attributes {columns = 40 : i64, target = #kernel.to<keys>, accesses = [],
                  cache = #kernel.cache<blocks = 2, kvHeads = 2, headDim = 20, valueDim = 16, format = int8>} {
  ^bb0(%e: f32):
    kernel.yield %e
  }
  return
}

// CHECK-LABEL: func.func private @values_map(
// CHECK:         vector.store %{{.+}} : memref<2x2x64x32xi8>, vector<16xi8>
func.func @values(%step: !kernel.step, %slot: index) {
  %zero = arith.constant 0 : index
  %v = kernel.buffer scratch of %step[%zero] : memref<512x40xf32>
  kernel.map rows of %step(%v : memref<512x40xf32>) slot %slot
      attributes {columns = 40 : i64, target = #kernel.to<values>, accesses = [],
                  cache = #kernel.cache<blocks = 2, kvHeads = 2, headDim = 16, valueDim = 20, format = int8>} {
  ^bb0(%e: f32):
    kernel.yield %e
  }
  return
}

// bf16 is made by integer code, ties to even.

// CHECK-LABEL: func.func private @halves_map(
// CHECK:         arith.shrui
// CHECK:         arith.andi
// CHECK:         arith.shrui
// CHECK:         arith.cmpf uno
// CHECK:         arith.trunci %{{.+}} : vector<16xi32> to vector<16xi16>
// CHECK-NOT:     arith.truncf
// CHECK:         memref.store %{{.+}} : memref<2x32x64xi16>
func.func @halves(%step: !kernel.step, %slot: index) {
  %zero = arith.constant 0 : index
  %k = kernel.buffer scratch of %step[%zero] : memref<512x32xf32>
  kernel.map rows of %step(%k : memref<512x32xf32>) slot %slot
      attributes {columns = 32 : i64, target = #kernel.to<keys>, accesses = [],
                  cache = #kernel.cache<blocks = 2, kvHeads = 2, headDim = 16, valueDim = 16, format = bf16>} {
  ^bb0(%e: f32):
    kernel.yield %e
  }
  return
}
