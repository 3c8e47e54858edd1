// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @norm_c1(%x: tensor<?x8xf32>) {
  // expected-error @below {{eps is -1.000000e-05, not a finite number from 0 up}}
  %y = transformer.norm rms %x eps = -1.0e-5 : tensor<?x8xf32>
  return
}

// -----

func.func @norm_c2(%x: tensor<?x8xf32>) {
  // expected-error @below {{a row of 8 values has no even groups of 3}}
  %y = transformer.norm rms %x eps = 1.0e-5 group = 3 : tensor<?x8xf32>
  return
}

// -----

func.func @norm_c3_row(%x: tensor<?x8xf32>, %w: tensor<4xf32>) {
  // expected-error @below {{weight has 4 values but 8 are normalised}}
  %y = transformer.norm rms %x weight %w eps = 1.0e-5
      : tensor<?x8xf32>, tensor<4xf32>
  return
}

// -----

func.func @norm_c3_group(%x: tensor<?x8xf32>, %w: tensor<4xf32>,
                         %b: tensor<8xf32>) {
  // expected-error @below {{bias has 8 values but 4 are normalised}}
  %y = transformer.norm layer %x weight %w bias %b eps = 1.0e-5 group = 4
      : tensor<?x8xf32>, tensor<4xf32>, tensor<8xf32>
  return
}

// -----

func.func @norm_c4(%x: tensor<?x8xf32>, %b: tensor<8xf32>) {
  // expected-error @below {{has a bias but no weight}}
  %y = "transformer.norm"(%x, %b) <{kind = #transformer<norm_kind layer>,
      eps = 1.0e-5 : f64, operandSegmentSizes = array<i32: 1, 0, 1>}>
      : (tensor<?x8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
  return
}
