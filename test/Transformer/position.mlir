// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// CHECK-LABEL: func @learned
func.func @learned(%x: tensor<?x8xf32>, %rows: !transformer.rows,
                   %table: tensor<16x8xf32>) -> tensor<?x8xf32> {
  // CHECK: transformer.position %{{.+}}, %{{.+}}, %{{.+}} : tensor<?x8xf32>, tensor<16x8xf32>
  %y = transformer.position %x, %rows, %table
      : tensor<?x8xf32>, tensor<16x8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func @sinusoidal
func.func @sinusoidal(%x: tensor<?x8xf32>, %rows: !transformer.rows)
    -> tensor<?x8xf32> {
  // CHECK: transformer.position %{{.+}}, %{{.+}} : tensor<?x8xf32>
  %y = transformer.position %x, %rows : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func @counted
func.func @counted(%x: tensor<?x8xf32>, %rows: !transformer.rows)
    -> tensor<?x8xf32> {
  // CHECK: transformer.position %{{.+}}, %{{.+}} halves inclusive first = 1 : tensor<?x8xf32>
  %y = transformer.position %x, %rows halves inclusive first = 1
      : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
