// RUN: transformer-opt %s --outline-parallel-loops | FileCheck %s

// The body becomes a function of a range. It is passed the step and loop variables
// alone; what it reads of the step it computes again.

// CHECK-LABEL: func @model(
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step)
// CHECK:         %[[N:.+]] = kernel.count rows of %[[STEP]]
// CHECK:         scf.for %[[LAYER:[^ ]+]] =
// CHECK:           kernel.parallel_for @model_range(%[[STEP]], %[[LAYER]]) to %[[N]] by %[[STEP]] : !kernel.step, index
// CHECK-NOT:     scf.parallel
func.func @model(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %twelve = arith.constant 12 : index
  %value = arith.constant 1.0 : f32
  %x = kernel.buffer scratch of %step[%zero] : memref<512x12xf32>
  %n = kernel.count rows of %step
  scf.for %i = %zero to %twelve step %one {
    scf.parallel (%row) = (%zero) to (%n) step (%one) {
      memref.store %value, %x[%row, %i] : memref<512x12xf32>
      scf.reduce
    }
  }
  return
}

// Each loop has a function of its own.

// CHECK-LABEL: func @two(
// CHECK:         kernel.parallel_for @two_range(
// CHECK:         kernel.parallel_for @two_range_2(
// CHECK-LABEL: func private @model_range(
// CHECK-SAME:    %[[INSIDE:.+]]: !kernel.step, %[[I:.+]]: index, %[[BEGIN:.+]]: index, %[[END:.+]]: index)
// CHECK:         %[[X:.+]] = kernel.buffer scratch of %[[INSIDE]]
// CHECK:         scf.for %[[ROW:.+]] = %[[BEGIN]] to %[[END]]
// CHECK:           memref.store %{{.+}}, %[[X]][%[[ROW]], %[[I]]]
// CHECK-LABEL: func private @two_range(
// CHECK-LABEL: func private @two_range_2(
func.func @two(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %n = kernel.count rows of %step
  scf.parallel (%row) = (%zero) to (%n) step (%one) {
    scf.reduce
  }
  scf.parallel (%row) = (%zero) to (%n) step (%one) {
    scf.reduce
  }
  return
}
