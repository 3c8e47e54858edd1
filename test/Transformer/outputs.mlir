// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// CHECK-LABEL: func @outputs
func.func @outputs(%x: tensor<?x8xf32>, %rows: !transformer.rows)
    -> tensor<?x8xf32> {
  // CHECK: transformer.outputs %{{.+}}, %{{.+}} : tensor<?x8xf32>
  %y = transformer.outputs %x, %rows : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
