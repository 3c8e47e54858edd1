// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// CHECK-LABEL: func @decoder
// CHECK-SAME:    %[[TABLE:.+]]: tensor<32x8xf32>
func.func @decoder(%table: tensor<32x8xf32>) -> tensor<8x129xf32> {
  // CHECK: transformer.relative causal %[[TABLE]] reach = 128 : tensor<32x8xf32>
  %b = transformer.relative causal %table reach = 128 : tensor<32x8xf32>
  return %b : tensor<8x129xf32>
}

// CHECK-LABEL: func @encoder
func.func @encoder(%table: tensor<6x1xf32>) -> tensor<1x11xf32> {
  // CHECK: transformer.relative %{{.+}} reach = 5 : tensor<6x1xf32>
  %b = transformer.relative %table reach = 5 : tensor<6x1xf32>
  return %b : tensor<1x11xf32>
}
