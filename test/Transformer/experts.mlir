// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// CHECK-LABEL: func @two
// CHECK:         transformer.experts %{{.+}}, %{{.+}} {
// CHECK-NEXT:    ^bb0(%[[ROWS:.+]]: tensor<?x8xf32>, %[[E:.+]]: index):
// CHECK:           transformer.weight "experts.{i}.weight"[%[[E]]]
// CHECK:           transformer.linear %[[ROWS]],
// CHECK:           transformer.yield %{{.+}} : tensor<?x8xf32>
// CHECK:         } : tensor<?x8xf32>, tensor<?x2xf32>
func.func @two(%x: tensor<?x8xf32>, %gates: tensor<?x2xf32>) -> tensor<?x8xf32> {
  %y = transformer.experts %x, %gates {
  ^bb0(%rows: tensor<?x8xf32>, %e: index):
    %w = transformer.weight "experts.{i}.weight"[%e] : tensor<8x8xf32>
    %z = transformer.linear %rows, %w : tensor<?x8xf32>, tensor<8x8xf32>
    %a = transformer.activation silu %z : tensor<?x8xf32>
    %b = arith.mulf %a, %z : tensor<?x8xf32>
    transformer.yield %b : tensor<?x8xf32>
  } : tensor<?x8xf32>, tensor<?x2xf32>
  return %y : tensor<?x8xf32>
}
