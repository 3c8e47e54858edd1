// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// Three heads of 4 columns become heads of 5 features.

// CHECK-LABEL: func @features
func.func @features(%x: tensor<?x12xf32>, %w: tensor<5x4xf32>) -> tensor<?x15xf32> {
  // CHECK: transformer.random_features %{{.+}}, %{{.+}} relative heads = 3 : tensor<?x12xf32>, tensor<5x4xf32>
  %q = transformer.random_features %x, %w relative heads = 3 : tensor<?x12xf32>, tensor<5x4xf32>
  // CHECK: transformer.random_features %{{.+}}, %{{.+}} heads = 3 : tensor<?x12xf32>, tensor<5x4xf32>
  %k = transformer.random_features %x, %w heads = 3 : tensor<?x12xf32>, tensor<5x4xf32>
  %y = arith.addf %q, %k : tensor<?x15xf32>
  return %y : tensor<?x15xf32>
}
