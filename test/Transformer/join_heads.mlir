// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// The type of the result follows.

// CHECK-LABEL: func @keys
// CHECK-SAME:    %[[OWN:.+]]: tensor<?x21xf32>, %[[SHARED:.+]]: tensor<?x2xf32>
func.func @keys(%own: tensor<?x21xf32>, %shared: tensor<?x2xf32>) -> tensor<?x27xf32> {
  // CHECK: transformer.join_heads %[[OWN]], %[[SHARED]] heads = 3 : tensor<?x21xf32>, tensor<?x2xf32>
  %k = transformer.join_heads %own, %shared heads = 3 : tensor<?x21xf32>, tensor<?x2xf32>
  return %k : tensor<?x27xf32>
}

// Behind the own columns of a head come those of its own in another matrix, from
// the fifth on.

// CHECK-LABEL: func @queries
// CHECK-SAME:    %[[OWN:.+]]: tensor<?x21xf32>, %[[OTHERS:.+]]: tensor<?x18xf32>
func.func @queries(%own: tensor<?x21xf32>, %others: tensor<?x18xf32>) -> tensor<?x27xf32> {
  // CHECK: transformer.join_heads %[[OWN]], %[[OTHERS]] from = 4 heads = 3 : tensor<?x21xf32>, tensor<?x18xf32>
  %q = transformer.join_heads %own, %others from = 4 heads = 3 : tensor<?x21xf32>, tensor<?x18xf32>
  return %q : tensor<?x27xf32>
}
