// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @short_conv_c1(%x: tensor<?x5xf32>, %w: tensor<4x5xf32>, %rows: !transformer.rows) {
  // expected-error @below {{rows of 5 columns meet a weight of 4}}
  %y = transformer.short_conv %x, %w, %rows : tensor<?x5xf32>, tensor<4x5xf32>
  return
}

// -----

func.func @short_conv_c2(%x: tensor<?x5xf32>, %w: tensor<5x1xf32>, %rows: !transformer.rows) {
  // expected-error @below {{weighs 1 row, expected 2 or more}}
  %y = transformer.short_conv %x, %w, %rows : tensor<?x5xf32>, tensor<5x1xf32>
  return
}

// -----

func.func @short_conv_c3(%x: tensor<?x5xf32>, %w: tensor<5x4xf32>, %b: tensor<4xf32>,
    %rows: !transformer.rows) {
  // expected-error @below {{bias has 4 values but rows of the result have 5}}
  %y = transformer.short_conv %x, %w, %rows bias %b
      : tensor<?x5xf32>, tensor<5x4xf32>, tensor<4xf32>
  return
}
