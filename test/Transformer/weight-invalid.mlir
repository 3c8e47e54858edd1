// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @weight_c1() {
  // expected-error @below {{needs a name}}
  %w = transformer.weight "" : tensor<8xf32>
  return
}

// -----

func.func @weight_c2_missing() {
  // expected-error @below {{'layers.{i}.norm.weight' has 1 letters in braces but there are 0 indices}}
  %w = transformer.weight "layers.{i}.norm.weight" : tensor<8xf32>
  return
}

// -----

func.func @weight_c2_extra(%i: index) {
  // expected-error @below {{'norm.weight' has 0 letters in braces but there are 1 indices}}
  %w = transformer.weight "norm.weight"[%i] : tensor<8xf32>
  return
}

// -----

func.func @weight_c3() {
  // expected-error @below {{'norm.weight' is a vector, which has no format such as int8}}
  %w = transformer.weight "norm.weight" {format = #transformer.format<int8>}
      : tensor<8xf32>
  return
}

// -----

func.func @weight_shape() {
  // expected-error @below {{must be an f32 vector or matrix of a known shape}}
  %w = transformer.weight "norm.weight" : tensor<?xf32>
  return
}
