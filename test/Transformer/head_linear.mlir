// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// The type of the result follows: from the rows of the weight, or, where each
// head's matrix is turned, from its columns.

// CHECK-LABEL: func @maps
// CHECK-SAME:    %[[X:.+]]: tensor<?x21xf32>, %[[W:.+]]: tensor<6x5xf32>, %[[T:.+]]: tensor<15x4xf32>
func.func @maps(%x: tensor<?x21xf32>, %w: tensor<6x5xf32>, %t: tensor<15x4xf32>)
    -> (tensor<?x6xf32>, tensor<?x12xf32>) {
  // CHECK: transformer.head_linear %[[X]], %[[W]] heads = 3 : tensor<?x21xf32>, tensor<6x5xf32>
  %a = transformer.head_linear %x, %w heads = 3 : tensor<?x21xf32>, tensor<6x5xf32>
  // CHECK: transformer.head_linear %[[X]], %[[T]] transposed heads = 3 : tensor<?x21xf32>, tensor<15x4xf32>
  %b = transformer.head_linear %x, %t transposed heads = 3 : tensor<?x21xf32>, tensor<15x4xf32>
  return %a, %b : tensor<?x6xf32>, tensor<?x12xf32>
}

// A bias has a value for each column of the result.

// CHECK-LABEL: func @biased
// CHECK-SAME:    %[[X:.+]]: tensor<?x21xf32>, %[[W:.+]]: tensor<6x5xf32>, %[[T:.+]]: tensor<15x4xf32>, %[[B:.+]]: tensor<6xf32>, %[[C:.+]]: tensor<12xf32>
func.func @biased(%x: tensor<?x21xf32>, %w: tensor<6x5xf32>, %t: tensor<15x4xf32>,
    %b: tensor<6xf32>, %c: tensor<12xf32>) -> (tensor<?x6xf32>, tensor<?x12xf32>) {
  // CHECK: transformer.head_linear %[[X]], %[[W]] bias %[[B]] heads = 3 : tensor<?x21xf32>, tensor<6x5xf32>, tensor<6xf32>
  %y = transformer.head_linear %x, %w bias %b heads = 3 : tensor<?x21xf32>, tensor<6x5xf32>, tensor<6xf32>
  // CHECK: transformer.head_linear %[[X]], %[[T]] transposed bias %[[C]] heads = 3
  %z = transformer.head_linear %x, %t transposed bias %c heads = 3
      : tensor<?x21xf32>, tensor<15x4xf32>, tensor<12xf32>
  return %y, %z : tensor<?x6xf32>, tensor<?x12xf32>
}
