// RUN: transformer-opt %s --emit-loops --canonicalize --cse | FileCheck %s

// A head of a row at a time: four vectors of products with the weight at once, those of a
// last panel that is not full behind a mask; then exponentials in place, less the largest
// of the products, or less half of the square of the head's length.

// CHECK-LABEL: func.func private @relative_random_features(
// CHECK:         scf.for
// CHECK-COUNT-4:   math.fma
// CHECK:           vector.maskedstore
// CHECK:           arith.cmpf olt
// CHECK:           math.roundeven
// CHECK:         return
func.func @relative(%step: !kernel.step, %w: memref<2x4x64xf32>) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x12xf32>
  %to = kernel.buffer scratch of %step[%zero] : memref<512x210xf32>
  kernel.random_features 3 of rows of %step(%x : memref<512x12xf32>) by (%w : memref<2x4x64xf32>)
      into (%to : memref<512x210xf32>) attributes {relative}
  return
}

// CHECK-LABEL: func.func private @keys_random_features(
// CHECK:           vector.maskedload %{{.+}} : memref<512x12xf32>
// CHECK:           math.roundeven
func.func @keys(%step: !kernel.step, %w: memref<1x4x64xf32>) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x12xf32>
  %to = kernel.buffer scratch of %step[%zero] : memref<512x192xf32>
  kernel.random_features 3 of rows of %step(%x : memref<512x12xf32>) by (%w : memref<1x4x64xf32>)
      into (%to : memref<512x192xf32>) attributes {}
  return
}
