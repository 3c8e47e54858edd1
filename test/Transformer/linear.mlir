// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// CHECK-LABEL: func @plain
func.func @plain(%x: tensor<?x8xf32>, %w: tensor<32x8xf32>)
    -> tensor<?x32xf32> {
  // CHECK: transformer.linear %{{.+}}, %{{.+}} : tensor<?x8xf32>, tensor<32x8xf32>
  %y = transformer.linear %x, %w : tensor<?x8xf32>, tensor<32x8xf32>
  return %y : tensor<?x32xf32>
}

// CHECK-LABEL: func @biased
func.func @biased(%x: tensor<?x8xf32>, %w: tensor<32x8xf32>,
                  %b: tensor<32xf32>) -> tensor<?x32xf32> {
  // CHECK: transformer.linear %{{.+}}, %{{.+}} bias %{{.+}} : tensor<?x8xf32>, tensor<32x8xf32>, tensor<32xf32>
  %y = transformer.linear %x, %w bias %b
      : tensor<?x8xf32>, tensor<32x8xf32>, tensor<32xf32>
  return %y : tensor<?x32xf32>
}
