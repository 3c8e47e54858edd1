// RUN: transformer-opt %s --emit-loops --canonicalize --cse | FileCheck %s

// A row goes where the caller wants it, in whole vectors and a rest; where the pointer is
// null nothing is written.

// CHECK-LABEL: func.func @stream(
// CHECK:         scf.parallel
// CHECK-LABEL: func.func @weights(
// CHECK:         scf.parallel
// CHECK:           scf.for
// CHECK:             call @weights_tap_weights(
// CHECK-LABEL: func.func private @stream_tap(
// CHECK:         %[[TO:.+]] = kernel.row_tap %{{.+}} row %[[ROW:.+]] {capacity = 512 : i64, tap = {{.+}}} : memref<3x20xf32>
// CHECK:         %[[ADDRESS:.+]] = memref.extract_aligned_pointer_as_index %[[TO]]
// CHECK:         %[[WANTED:.+]] = arith.cmpi ne, %[[ADDRESS]], %{{.+}}
// CHECK:         scf.if %[[WANTED]]
// CHECK:           vector.store %{{.+}}, %[[TO]]
func.func @stream(%step: !kernel.step, %round: index) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x20xf32>
  kernel.tap %step(%x : memref<512x20xf32>) round %round
      {tap = #kernel.tap<number = 0, name = "x", rounds = 3, heads = 0, columns = 20>}
  return
}

// The tiles of the attention; scores of whole vectors of keys where the weights go, then
// one pass for the best, one for exponentials and their sum, one for shares.

// CHECK-LABEL: func.func private @weights_tap_weights(
// CHECK:         %[[TO:.+]] = kernel.row_tap
// CHECK:         scf.if
// CHECK:           math.fma
// CHECK:           vector.maskedstore %[[TO]]
// CHECK:           arith.cmpf olt
// CHECK:           math.roundeven
// CHECK:           arith.divf
// CHECK:         return
func.func @weights(%step: !kernel.step, %slot: index, %round: index) {
  %zero = arith.constant 0 : index
  %q = kernel.buffer scratch of %step[%zero] : memref<512x32xf32>
  kernel.tap_weights %step(%q : memref<512x32xf32>) slot %slot round %round
      {heads = 2 : i64, mask = #kernel.mask<causal>, scale = 2.5e-01 : f64,
       cache = #kernel.cache<blocks = 2, kvHeads = 2, headDim = 16, valueDim = 16>,
       tap = #kernel.tap<number = 0, name = "x", rounds = 1, heads = 2, columns = 100>}
  return
}

// Rows that windows have made of others: the caller's place for the sequence is that of the
// first row that went in, two steps before; its own is so many rows behind it, as it comes
// behind the two rows that are not there yet.

// CHECK-LABEL: func.func private @made_tap(
// CHECK:         %[[POSITION:.+]] = arith.index_cast
// CHECK:         %[[ONE:.+]] = memref.load %{{.+}} : memref<128xi32>
// CHECK:         memref.load %{{.+}} : memref<256xi32>
// CHECK:         %[[FIRST:.+]] = arith.index_cast
// CHECK:         kernel.row_tap %{{.+}} row %[[FIRST]] {capacity = 512 : i64
// CHECK:         %[[BEHIND:.+]] = arith.subi %[[POSITION]], %c2
// CHECK:         %[[THERE:.+]] = arith.cmpi sgt, %[[POSITION]], %c1
// CHECK:         scf.if
// CHECK:           kernel.row_tap %{{.+}} row %[[FIRST]] behind %[[BEHIND]] {capacity = 512 : i64
func.func @made(%step: !kernel.step, %round: index) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<128x20xf32>
  %one = kernel.buffer scratch of %step[%zero] : memref<128xi32>
  %two = kernel.buffer scratch of %step[%zero] : memref<256xi32>
  kernel.tap %step(%x : memref<128x20xf32>) round %round firsts(%one, %two : memref<128xi32>, memref<256xi32>)
      {tap = #kernel.tap<number = 0, name = "x", rounds = 3, heads = 0, columns = 20, made = 7>,
       capacity = 512 : i64, skip = 2 : i64}
  return
}

// Partners of halves that lie side by side go apart again: columns 2d and 2d + 1 of 6 to d
// and d + 3 of a head of 8; the others stay where they are.

// CHECK-LABEL: func.func private @turned_tap(
// CHECK:         scf.if
// CHECK:           scf.for %{{.+}} = %c0{{.*}} to %c2
// CHECK:             scf.for %[[D:.+]] = %c0{{.*}} to %c3
// CHECK:               %[[PAIR:.+]] = arith.muli %[[D]], %c2
// CHECK:               %[[BEHIND:.+]] = arith.addi %[[PAIR]], %c1
// CHECK:               %[[FAR:.+]] = arith.addi %[[D]], %c3
// CHECK:             scf.for %{{.+}} = %c6{{.*}} to %c8
func.func @turned(%step: !kernel.step, %round: index) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x16xf32>
  kernel.tap %step(%x : memref<512x16xf32>) round %round
      {tap = #kernel.tap<number = 0, name = "x", rounds = 3, heads = 2, columns = 8>, turned = 6 : i64}
  return
}

// Scores are left as they are; those of the first rows and of what is drawn come after the
// window's, and keep what is there before their first key.

// CHECK-LABEL: func.func private @scores_tap_scores(
// CHECK:         kernel.row_tap
// CHECK-COUNT-2: vector.maskedload
// CHECK:         arith.muli %{{.+}}, %c-7046029254386353131_i64
// CHECK-NOT:     arith.divf
// CHECK-NOT:     math.roundeven
// CHECK:         return
func.func @scores(%step: !kernel.step, %slot: index, %round: index) {
  %zero = arith.constant 0 : index
  %q = kernel.buffer scratch of %step[%zero] : memref<512x32xf32>
  kernel.tap_weights %step(%q : memref<512x32xf32>) slot %slot round %round
      {heads = 2 : i64, mask = #kernel.mask<none>, scale = 2.5e-01 : f64, window = 1 : i64,
       segment = 8 : i64, sinks = 2 : i64, global, random = #kernel.random<segments = 3, seed = 0>,
       cache = #kernel.cache<blocks = 2, kvHeads = 2, headDim = 16, valueDim = 16>, scores,
       tap = #kernel.tap<number = 0, name = "x", rounds = 1, heads = 2, columns = 100>}
  return
}
