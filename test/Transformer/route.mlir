// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// CHECK-LABEL: func @first
func.func @first(%scores: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK: transformer.route softmax %{{.+}} top_k = 1 : tensor<?x8xf32>
  %g = transformer.route softmax %scores top_k = 1 : tensor<?x8xf32>
  return %g : tensor<?x8xf32>
}

// CHECK-LABEL: func @scaled
func.func @scaled(%scores: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK: transformer.route sigmoid %{{.+}} top_k = 8 normalise scale = 2.5{{0*e\+00}} : tensor<?x8xf32>
  %g = transformer.route sigmoid %scores top_k = 8 normalise scale = 2.5 : tensor<?x8xf32>
  return %g : tensor<?x8xf32>
}

// CHECK-LABEL: func @grouped
func.func @grouped(%scores: tensor<?x8xf32>, %c: tensor<8xf32>) -> tensor<?x8xf32> {
  // CHECK: transformer.route sigmoid %{{.+}} corrected by %{{.+}} top_k = 3 groups = 4 top_groups = 2 two_best normalise : tensor<?x8xf32>, tensor<8xf32>
  %g = transformer.route sigmoid %scores corrected by %c top_k = 3 groups = 4 top_groups = 2 two_best normalise
      : tensor<?x8xf32>, tensor<8xf32>
  return %g : tensor<?x8xf32>
}
