// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @input_shape(%reals: tensor<?x?xf32>) {
  // expected-error @below {{must be rows of f32 values of a known width}}
  %x = transformer.input %reals : tensor<?x?xf32>
  return
}
