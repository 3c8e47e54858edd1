// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @tap_c1(%x: tensor<?x8xf32>) {
  // expected-error @below {{needs a name}}
  %y = transformer.tap "" %x : tensor<?x8xf32>
  return
}

// -----

func.func @tap_c2(%x: tensor<?x8xf32>) {
  // expected-error @below {{a row of 8 values has no even 3 heads}}
  %y = transformer.tap "x" %x heads = 3 : tensor<?x8xf32>
  return
}
