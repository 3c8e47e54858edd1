// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// The type of the result follows.

// CHECK-LABEL: func @keys
// CHECK-SAME:    %[[OWN:.+]]: tensor<?x21xf32>, %[[SHARED:.+]]: tensor<?x2xf32>
func.func @keys(%own: tensor<?x21xf32>, %shared: tensor<?x2xf32>) -> tensor<?x27xf32> {
  // CHECK: transformer.join_heads %[[OWN]], %[[SHARED]] heads = 3 : tensor<?x21xf32>, tensor<?x2xf32>
  %k = transformer.join_heads %own, %shared heads = 3 : tensor<?x21xf32>, tensor<?x2xf32>
  return %k : tensor<?x27xf32>
}
