// RUN: transformer-opt %s | transformer-opt | FileCheck %s
// RUN: transformer-opt %s -canonicalize | FileCheck %s --check-prefix=CANON

// CHECK-LABEL: func @halves
func.func @halves(%x: tensor<?x8xf32>, %rows: !transformer.rows)
    -> tensor<?x8xf32> {
  // CHECK: transformer.rotary halves %{{.+}}, %{{.+}} head_dim = 4 dim = 4 frequencies = [1.000000e+00, 1.000000e-02] : tensor<?x8xf32>
  %y = transformer.rotary halves %x, %rows head_dim = 4 dim = 4
      frequencies = [1.0, 0.01] : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func @part_of_pairs
func.func @part_of_pairs(%x: tensor<?x8xf32>, %rows: !transformer.rows)
    -> tensor<?x8xf32> {
  // CHECK: transformer.rotary pairs %{{.+}}, %{{.+}} head_dim = 8 dim = 2 frequencies = [1.000000e+00] magnitude = 1.125000e+00 : tensor<?x8xf32>
  %y = transformer.rotary pairs %x, %rows head_dim = 8 dim = 2
      frequencies = [1.0] magnitude = 1.125 : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CANON-LABEL: func @of_nothing
// CANON-SAME:    %[[X:.+]]: tensor
func.func @of_nothing(%x: tensor<?x8xf32>, %rows: !transformer.rows)
    -> tensor<?x8xf32> {
  // CANON-NEXT: return %[[X]]
  %y = transformer.rotary halves %x, %rows head_dim = 4 dim = 0
      frequencies = [] magnitude = 2.0 : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
