// RUN: transformer-opt %s | transformer-opt | FileCheck %s
// RUN: transformer-opt %s -canonicalize | FileCheck %s --check-prefix=CANON

// CHECK-LABEL: func @scale
func.func @scale(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK: transformer.scale %{{.+}} by 6.250000e-02 : tensor<?x8xf32>
  %y = transformer.scale %x by 0.0625 : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CANON-LABEL: func @by_one
// CANON-SAME:    %[[X:.+]]: tensor
func.func @by_one(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CANON-NEXT: return %[[X]]
  %y = transformer.scale %x by 1.0 : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
