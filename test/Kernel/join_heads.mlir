// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// CHECK-LABEL: func @keys
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step, %[[OWN:.+]]: tensor<512x6xf32>, %[[SHARED:.+]]: tensor<512x2xf32>, %[[TO:.+]]: tensor<512x10xf32>
func.func @keys(%step: !kernel.step, %own: tensor<512x6xf32>, %shared: tensor<512x2xf32>,
    %to: tensor<512x10xf32>) -> tensor<512x10xf32> {
  // CHECK: kernel.join_heads 2 of %[[STEP]](%[[OWN]], %[[SHARED]] : tensor<512x6xf32>, tensor<512x2xf32>) into(%[[TO]] : tensor<512x10xf32>) -> tensor<512x10xf32>
  %r = kernel.join_heads 2 of %step(%own, %shared : tensor<512x6xf32>, tensor<512x2xf32>)
      into (%to : tensor<512x10xf32>) -> tensor<512x10xf32>
  return %r : tensor<512x10xf32>
}

// CHECK-LABEL: func @queries
func.func @queries(%step: !kernel.step, %own: tensor<512x6xf32>, %others: tensor<512x8xf32>,
    %to: tensor<512x8xf32>) -> tensor<512x8xf32> {
  // CHECK: kernel.join_heads 2 of %{{.+}}(%{{.+}}, %{{.+}} : tensor<512x6xf32>, tensor<512x8xf32>) into(%{{.+}} : tensor<512x8xf32>) attributes {from = 3 : i64} -> tensor<512x8xf32>
  %r = kernel.join_heads 2 of %step(%own, %others : tensor<512x6xf32>, tensor<512x8xf32>)
      into (%to : tensor<512x8xf32>) attributes {from = 3 : i64} -> tensor<512x8xf32>
  return %r : tensor<512x8xf32>
}
