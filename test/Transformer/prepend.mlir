// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// CHECK-LABEL: func @registers
func.func @registers(%x: tensor<?x8xf32>, %rows: !transformer.rows,
                     %table: tensor<4x8xf32>) -> tensor<?x8xf32> {
  // CHECK: transformer.prepend %{{.+}}, %{{.+}}, %{{.+}} : tensor<?x8xf32>, tensor<4x8xf32>
  %y = transformer.prepend %x, %rows, %table
      : tensor<?x8xf32>, tensor<4x8xf32>
  return %y : tensor<?x8xf32>
}
