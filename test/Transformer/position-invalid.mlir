// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @position_c1(%x: tensor<?x8xf32>, %rows: !transformer.rows,
                       %table: tensor<16x4xf32>) {
  // expected-error @below {{rows of the table have 4 values but rows of x have 8}}
  %y = transformer.position %x, %rows, %table
      : tensor<?x8xf32>, tensor<16x4xf32>
  return
}
