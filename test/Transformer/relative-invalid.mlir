// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @relative_c1(%table: tensor<1x8xf32>) {
  // expected-error @below {{has 1 buckets for 1 side}}
  %b = transformer.relative causal %table reach = 128 : tensor<1x8xf32>
  return
}

// -----

func.func @relative_c1_odd(%table: tensor<33x8xf32>) {
  // expected-error @below {{has 33 buckets for 2 sides}}
  %b = transformer.relative %table reach = 128 : tensor<33x8xf32>
  return
}

// -----

func.func @relative_c1_many(%table: tensor<257x8xf32>) {
  // expected-error @below {{has 257 buckets for 1 side}}
  %b = transformer.relative causal %table reach = 512 : tensor<257x8xf32>
  return
}

// -----

func.func @relative_c2(%table: tensor<32x8xf32>) {
  // expected-error @below {{reach is 8, not above the 8 distances that have a bucket each}}
  %b = transformer.relative %table reach = 8 : tensor<32x8xf32>
  return
}

// -----

func.func @relative_c2_negative(%table: tensor<32x8xf32>) {
  // expected-error @below {{reach is -1, not from 0 to 2147483648}}
  %b = transformer.relative %table reach = -1 : tensor<32x8xf32>
  return
}
