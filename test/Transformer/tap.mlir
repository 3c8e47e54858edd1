// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// CHECK-LABEL: func @stream
func.func @stream(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK: transformer.tap "layers.stream" %{{.+}} : tensor<?x8xf32>
  %y = transformer.tap "layers.stream" %x : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// Queries of two heads.

// CHECK-LABEL: func @queries
func.func @queries(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK: transformer.tap "attention.queries" %{{.+}} heads = 2 : tensor<?x8xf32>
  %y = transformer.tap "attention.queries" %x heads = 2 : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func @weights
func.func @weights(%x: tensor<?x8xf32>, %rows: !transformer.rows) -> tensor<?x8xf32> {
  // CHECK: transformer.attention causal {{.+}} scale = 5.000000e-01 tap = "attention.weights" tap_scores = "attention.scores" : tensor
  %y = transformer.attention causal %x, %x, %x, %rows heads = 2 kv_heads = 2
      scale = 0.5 tap = "attention.weights" tap_scores = "attention.scores"
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// Of the rows of a source.

// CHECK-LABEL: func @source
func.func @source(%x: tensor<?x8xf32>, %rows: !transformer.rows, %source: !transformer.rows) -> tensor<?x8xf32> {
  // CHECK: transformer.cross_attention {{.+}} scale = 5.000000e-01 tap = "weights" tap_scores = "scores" : tensor
  %y = transformer.cross_attention %x, %x, %x, %rows, %source heads = 2 kv_heads = 2
      scale = 0.5 tap = "weights" tap_scores = "scores"
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
