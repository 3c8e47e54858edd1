// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @tap_c1(%x: tensor<?x8xf32>) {
  // expected-error @below {{needs a name}}
  %y = transformer.tap "" %x : tensor<?x8xf32>
  return
}
