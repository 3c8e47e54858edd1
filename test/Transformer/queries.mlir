// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// Each sequence is the rows of the table: their number is open.

// CHECK-LABEL: func @queries
// CHECK-SAME:    %[[ROWS:.+]]: !transformer.rows
func.func @queries(%rows: !transformer.rows) -> tensor<?x8xf32> {
  %table = transformer.weight "queries.weight" : tensor<3x8xf32>
  // CHECK: transformer.queries %[[ROWS]], %{{.+}} : tensor<3x8xf32>
  %x = transformer.queries %rows, %table : tensor<3x8xf32>
  return %x : tensor<?x8xf32>
}

// A decoder of queries has no input of its own.

func.func private @encoder(!transformer.rows, tensor<?x5xf32>) -> tensor<?x8xf32>
// CHECK: func private @decoder(!transformer.rows, !transformer.rows, tensor<?x8xf32>)
func.func private @decoder(!transformer.rows, !transformer.rows, tensor<?x8xf32>)
    attributes {transformer.encoder = @encoder}
