// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @position_c1(%x: tensor<?x8xf32>, %rows: !transformer.rows,
                       %table: tensor<16x4xf32>) {
  // expected-error @below {{rows of the table have 4 values but rows of x have 8}}
  %y = transformer.position %x, %rows, %table
      : tensor<?x8xf32>, tensor<16x4xf32>
  return
}

// -----

func.func @position_c2(%x: tensor<?x8xf32>, %rows: !transformer.rows,
                       %table: tensor<16x8xf32>) {
  // expected-error @below {{says how to count but has a table}}
  %y = transformer.position %x, %rows, %table halves
      : tensor<?x8xf32>, tensor<16x8xf32>
  return
}

// -----

func.func @position_c3(%x: tensor<?x8xf32>, %rows: !transformer.rows) {
  // expected-error @below {{counts from -1, not from 0 up}}
  %y = transformer.position %x, %rows first = -1 : tensor<?x8xf32>
  return
}

// -----

func.func @position_c4(%x: tensor<?x7xf32>, %rows: !transformer.rows) {
  // expected-error @below {{has no sinusoids for rows of 7 values}}
  %y = transformer.position %x, %rows : tensor<?x7xf32>
  return
}

// -----

func.func @position_c4_inclusive(%x: tensor<?x2xf32>, %rows: !transformer.rows) {
  // expected-error @below {{has no sinusoids for rows of 2 values}}
  %y = transformer.position %x, %rows inclusive : tensor<?x2xf32>
  return
}
