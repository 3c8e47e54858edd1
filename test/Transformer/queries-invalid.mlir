// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @queries_table(%rows: !transformer.rows, %table: tensor<?x8xf32>) {
  // expected-error @below {{must be an f32 matrix of a known shape}}
  %x = transformer.queries %rows, %table : tensor<?x8xf32>
  return
}
