// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @gain_c1(%x: tensor<?x7xf32>, %w: tensor<8xf32>) {
  // expected-error @below {{weight has 8 values but rows of x have 7}}
  %y = transformer.gain %x, %w : tensor<?x7xf32>, tensor<8xf32>
  return
}
