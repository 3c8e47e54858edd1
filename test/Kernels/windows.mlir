// RUN: transformer-opt %s --emit-loops --canonicalize --cse | FileCheck %s

// The step of the rows that windows make: one sequence after the other, each of
// floor((T + 2*1 - 3) / 2) + 1 rows or of none, in tiles of at most 6.

// CHECK-LABEL: func.func @halved(
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step
// CHECK-DAG:     %[[STARTS:.+]] = kernel.buffer starts of %[[STEP]]
// CHECK-DAG:     %[[CACHES:.+]] = kernel.buffer caches of %[[STEP]]
// CHECK:         %[[N:.+]] = kernel.count sequences of %[[STEP]]
// CHECK:         %[[ENDS:.+]]:2 = scf.for %{{.+}} = %{{.+}} to %[[N]]
// CHECK:           arith.divui
// CHECK:           arith.select
// CHECK:           scf.for
// CHECK:             memref.store
// CHECK:           scf.for
// CHECK:             arith.minsi
// CHECK:         kernel.made_step %[[ENDS]]#0 rows, %[[ENDS]]#1 tiles of %[[STEP]]
// CHECK:         scf.parallel
func.func @halved(%step: !kernel.step, %f: memref<512xi32>, %p: memref<512xi32>,
    %s: memref<513xi32>, %t: memref<512x4xi32>, %c: memref<512x2xi32>, %o: memref<512xi32>,
    %x: memref<512x5xf32>, %y: memref<512x15xf32>) {
  %made = kernel.unfolded_step %step
      by <size = 3, stride = 2, pad = 1, lines = 0, columns = 0, skip = 0> tile = 6
      into (%f, %p, %s, %t, %c, %o : memref<512xi32>, memref<512xi32>, memref<513xi32>,
            memref<512x4xi32>, memref<512x2xi32>, memref<512xi32>)
  kernel.unfold channels of %step to %made(%x : memref<512x5xf32>)
      by <size = 3, stride = 2, pad = 1, lines = 0, columns = 0, skip = 0>
      firsts (%f : memref<512xi32>) into (%y : memref<512x15xf32>)
  return
}

// A merge copies whole rows and, without a pad, asks of no place whether it is
// there.

func.func @merged(%step: !kernel.step, %made: !kernel.step, %f: memref<512xi32>,
    %x: memref<512x16xf32>, %y: memref<512x64xf32>) {
  kernel.unfold columns of %step to %made(%x : memref<512x16xf32>)
      by <size = 2, stride = 2, pad = 0, lines = 4, columns = 6, skip = 0>
      firsts (%f : memref<512xi32>) into (%y : memref<512x64xf32>)
  return
}

// Patches that overlap and reach over the edges.

func.func @patches(%step: !kernel.step, %x: memref<128x147xf32>) {
  kernel.patches %step into (%x : memref<128x147xf32>)
      attributes {image = array<i64: 3, 8, 6>, size = 7 : i64, skip = 0 : i64, stride = 2 : i64, pad = 3 : i64}
  return
}

// A sum over the rows of a sequence, in order.

func.func @mixed(%step: !kernel.step, %made: !kernel.step, %table: memref<4x16xf32>,
    %x: memref<512x24xf32>, %y: memref<512x24xf32>) {
  kernel.mix %step to %made(%x : memref<512x24xf32>) by (%table : memref<4x16xf32>)
      into (%y : memref<512x24xf32>)
  return
}

// CHECK-LABEL: func.func private @halved_unfold(
// CHECK:         arith.cmpi eq
// CHECK:         scf.if
// CHECK:           memref.load %{{.+}} : memref<512x5xf32>
// CHECK:           memref.store
// CHECK:         else
// CHECK:           memref.store

// CHECK-LABEL: func.func private @merged_unfold(
// CHECK-NOT:     scf.if
// CHECK:         vector.load %{{.+}} : memref<512x16xf32>
// CHECK:         vector.store
// CHECK-NOT:     scf.if
// CHECK:         return

// CHECK-LABEL: func.func private @patches_patches(
// CHECK:         scf.if
// CHECK:           scf.for
// CHECK:             scf.for
// CHECK:               scf.for
// CHECK:                 arith.cmpi ult
// CHECK:                 arith.cmpi ult
// CHECK:                 scf.if

// CHECK-LABEL: func.func private @mixed_mix(
// CHECK:         %[[STARTS:.+]] = kernel.buffer starts of
// CHECK:         arith.divui
// CHECK:         memref.load %[[STARTS]]
// CHECK:         memref.load %[[STARTS]]
// CHECK:         scf.for
// CHECK:           memref.load %{{.+}} : memref<4x16xf32>
// CHECK:           vector.load %{{.+}} : memref<512x24xf32>
// CHECK:           math.fma
// CHECK:         vector.store
