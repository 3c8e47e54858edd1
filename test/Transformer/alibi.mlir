// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// Distances up to 15 rows before, of both sides without a mask.

// CHECK-LABEL: func @causal
func.func @causal() -> tensor<3x16xf32> {
  // CHECK: transformer.alibi causal slopes = [5.000000e-01, 2.500000e-01, 1.250000e-01] reach = 15 : tensor<3x16xf32>
  %b = transformer.alibi causal slopes = [0.5, 0.25, 0.125] reach = 15
      : tensor<3x16xf32>
  return %b : tensor<3x16xf32>
}

// CHECK-LABEL: func @encoder
func.func @encoder() -> tensor<1x31xf32> {
  // CHECK: transformer.alibi slopes = [5.000000e-01] reach = 15 : tensor<1x31xf32>
  %b = transformer.alibi slopes = [0.5] reach = 15 : tensor<1x31xf32>
  return %b : tensor<1x31xf32>
}
