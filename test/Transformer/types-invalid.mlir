// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @types_c1(%x: tensor<?x8xf32>, %rows: !transformer.rows,
                    %table: tensor<2x16xf32>) {
  // expected-error @below {{rows of the table have 16 values but rows of x have 8}}
  %y = transformer.types %x, %rows, %table
      : tensor<?x8xf32>, tensor<2x16xf32>
  return
}
