// RUN: transformer-opt %s -split-input-file --emit-loops --canonicalize --cse | FileCheck %s

// The best score of those not marked, as often as experts are wanted; then the
// weights of the marked, divided by their sum.

// CHECK-LABEL: func.func private @route_route(
// CHECK:         scf.for
// CHECK:           arith.cmpf olt
// CHECK:           arith.select
// CHECK:         memref.store %{{.+}}, %{{.+}} : memref<512x20xf32>
// CHECK:         scf.for
// CHECK:           scf.for
// CHECK:           memref.store
// CHECK:         arith.divf
// CHECK:         return
func.func @route(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %s = kernel.buffer scratch of %step[%zero] : memref<512x20xf32>
  %g = kernel.buffer weights of %step[%zero] : memref<512x20xf32>
  kernel.route softmax rows of %step(%s : memref<512x20xf32>) into (%g : memref<512x20xf32>)
      attributes {topK = 3 : i64, normalise, scale = 1.0 : f64}
  return
}

// -----

// Weights and their corrections are compared. Two groups are marked by the two
// best of each, the others taken out; then it goes on as above.

// CHECK-LABEL: func.func private @groups_route(
// CHECK:         arith.addf
// CHECK:         scf.for
// CHECK:           scf.for
// CHECK:             scf.for
// CHECK:               arith.cmpf olt
// CHECK:             arith.addf
// CHECK:         scf.for
// CHECK:           scf.if
// CHECK:             scf.for
// CHECK:               memref.store %{{.+}} : memref<512x20xf32>
// CHECK:         return
func.func @groups(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %s = kernel.buffer scratch of %step[%zero] : memref<512x20xf32>
  %c = kernel.buffer weights of %step[%zero] : memref<192xf32>
  %g = kernel.buffer weights of %step[%zero] : memref<512x20xf32>
  %k = kernel.buffer scratch of %step[%zero] : memref<512x20xf32>
  kernel.route sigmoid rows of %step(%s : memref<512x20xf32>) corrected by (%c : memref<192xf32>)
      into (%g, %k : memref<512x20xf32>, memref<512x20xf32>)
      attributes {topK = 3 : i64, groups = 5 : i64, topGroups = 2 : i64, twoBest, scale = 1.0 : f64}
  return
}

// -----

// Threads share the experts; each expert's list is in the order of the rows.

// CHECK-LABEL: func.func @lists(
// CHECK:         %[[E:.+]] = arith.constant 20 : index
// CHECK:         scf.parallel (%{{.+}}) = (%{{.+}}) to (%[[E]])
// CHECK-LABEL: func.func private @lists_list_rows(
// CHECK:         kernel.count rows of
// CHECK:         scf.for {{.+}} iter_args
// CHECK:           arith.cmpf une
// CHECK:           scf.if
// CHECK:             memref.store %{{.+}} : memref<20x513xi32>
// CHECK:         memref.store %{{.+}} : memref<20x513xi32>
func.func @lists(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %g = kernel.buffer scratch of %step[%zero] : memref<512x20xf32>
  %l = kernel.buffer weights of %step[%zero] : memref<20x513xi32>
  kernel.list_rows rows of %step(%g : memref<512x20xf32>) into (%l : memref<20x513xi32>) attributes {}
  return
}

// -----

// An expert that no row chose reads no weights.

// CHECK-LABEL: func.func @chosen(
// CHECK:         %[[PART:.+]] = kernel.chosen_step
// CHECK:         %[[N:.+]] = kernel.count chosen of %[[PART]]
// CHECK:         %[[ANY:.+]] = arith.cmpi
// CHECK:         %[[PANELS:.+]] = arith.select %[[ANY]]
// CHECK:         scf.parallel (%{{.+}}) = (%{{.+}}) to (%[[PANELS]])
func.func @chosen(%step: !kernel.step, %n: index) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x8xf32>
  %w = kernel.buffer weights of %step[%zero] : memref<2x8x48xf32>
  %y = kernel.buffer scratch of %step[%zero] : memref<512x96xf32>
  %part = kernel.chosen_step %n of %step
  kernel.matmul chosen of %part(%x : memref<512x8xf32>) by (%w : memref<2x8x48xf32>)
      into (%y : memref<512x96xf32>)
      attributes {columns = array<i64: 96>, targets = [#kernel.to<rows>], accesses = [],
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 2, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// -----

// CHECK-LABEL: func.func private @back_add_rows(
// CHECK:         math.fma
func.func @back(%step: !kernel.step, %e: index) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x8xf32>
  %g = kernel.buffer scratch of %step[%zero] : memref<512x4xf32>
  %l = kernel.buffer scratch of %step[%zero] : memref<4x513xi32>
  %y = kernel.buffer weights of %step[%zero] : memref<512x8xf32>
  kernel.add_rows %step(%x : memref<512x8xf32>) times (%g : memref<512x4xf32>)
      by (%l : memref<4x513xi32>) of %e into (%y : memref<512x8xf32>) attributes {}
  return
}
