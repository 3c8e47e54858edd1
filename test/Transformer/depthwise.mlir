// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// The type of the result follows from the weight: a column for each of its rows,
// over a grid and along sequences.

// CHECK-LABEL: func @weighs
// CHECK-SAME:    %[[X:.+]]: tensor<?x5xf32>, %[[ROWS:.+]]: !transformer.rows, %[[G:.+]]: tensor<5x9xf32>, %[[L:.+]]: tensor<5x2xf32>, %[[B:.+]]: tensor<5xf32>
func.func @weighs(%x: tensor<?x5xf32>, %rows: !transformer.rows, %g: tensor<5x9xf32>,
    %l: tensor<5x2xf32>, %b: tensor<5xf32>) -> (tensor<?x5xf32>, tensor<?x5xf32>) {
  // CHECK: %[[S:.+]], %{{.+}} = transformer.unfold rows %[[X]], %[[ROWS]]
  %s, %same = transformer.unfold rows %x, %rows size = 3 stride = 1 pad = 1 grid = [4, 7]
      : tensor<?x5xf32>
  // CHECK: transformer.depthwise %[[S]], %[[G]] bias %[[B]] : tensor<?x45xf32>, tensor<5x9xf32>, tensor<5xf32>
  %y = transformer.depthwise %s, %g bias %b : tensor<?x45xf32>, tensor<5x9xf32>, tensor<5xf32>
  %t, %less = transformer.unfold rows %x, %rows size = 2 stride = 2 pad = 0 : tensor<?x5xf32>
  // CHECK: transformer.depthwise %{{.+}}, %[[L]] : tensor<?x10xf32>, tensor<5x2xf32>
  %z = transformer.depthwise %t, %l : tensor<?x10xf32>, tensor<5x2xf32>
  return %y, %z : tensor<?x5xf32>, tensor<?x5xf32>
}
