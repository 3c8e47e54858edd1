// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// CHECK-LABEL: func @every_kind
func.func @every_kind(%x: tensor<?x8xf32>, %rows: !transformer.rows)
    -> (tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>) {
  // CHECK: transformer.pool first %{{.+}}, %{{.+}} : tensor<?x8xf32>
  %a = transformer.pool first %x, %rows : tensor<?x8xf32>
  // CHECK: transformer.pool mean %
  %b = transformer.pool mean %x, %rows : tensor<?x8xf32>
  // CHECK: transformer.pool last %
  %c = transformer.pool last %x, %rows : tensor<?x8xf32>
  return %a, %b, %c : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
}
