// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @exit_c1(%x: tensor<?x8xf32>, %scores: tensor<?x3xf32>, %rows: !transformer.rows) {
  // expected-error @below {{above is 1.500000e+00, not from 0 to 1}}
  %y = transformer.exit %x, %scores, %rows above = 1.5 : tensor<?x8xf32>, tensor<?x3xf32>
  return
}

// -----

func.func @exit_c1_nan(%x: tensor<?x8xf32>, %scores: tensor<?x3xf32>, %rows: !transformer.rows) {
  // expected-error @below {{not from 0 to 1}}
  %y = transformer.exit %x, %scores, %rows above = 0x7FF8000000000000 : tensor<?x8xf32>, tensor<?x3xf32>
  return
}
