// RUN: transformer-opt %s --emit-loops --canonicalize --cse | FileCheck %s

// A row by its type is added to every row.

// CHECK-LABEL: func.func private @add_types(
// CHECK:         %[[TYPES:.+]] = kernel.buffer types of
// CHECK:         memref.load %[[TYPES]]
// CHECK:         %[[TYPE:.+]] = arith.index_cast
// CHECK-NOT:     scf.if
// CHECK:         vector.load %{{.+}}[%[[TYPE]], %{{.+}}] : memref<2x16xf32>
// CHECK:         arith.addf
// CHECK:         vector.store
func.func @add(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %table = kernel.buffer weights of %step[%zero] : memref<2x16xf32>
  %x = kernel.buffer scratch of %step[%zero] : memref<128x16xf32>
  kernel.types %step(%table : memref<2x16xf32>) into (%x : memref<128x16xf32>)
  return
}

// Rows of the type 0 stay as they are, others become the row before theirs.

// CHECK-LABEL: func.func private @replace_types(
// CHECK:         %[[TYPE:.+]] = arith.index_cast
// CHECK:         %[[MASKED:.+]] = arith.cmpi sgt, %[[TYPE]], %{{.+}}
// CHECK:         scf.if %[[MASKED]]
// CHECK:           %[[AT:.+]] = arith.subi %[[TYPE]]
// CHECK:           vector.load %{{.+}}[%[[AT]], %{{.+}}] : memref<1x16xf32>
// CHECK-NOT:       arith.addf
// CHECK:           vector.store
func.func @replace(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %table = kernel.buffer weights of %step[%zero] : memref<1x16xf32>
  %x = kernel.buffer scratch of %step[%zero] : memref<128x16xf32>
  kernel.types %step(%table : memref<1x16xf32>) into (%x : memref<128x16xf32>)
      attributes {replace}
  return
}
