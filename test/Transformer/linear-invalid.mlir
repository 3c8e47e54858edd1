// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @linear_c1(%x: tensor<?x8xf32>, %w: tensor<8x32xf32>) {
  // expected-error @below {{rows of x have 8 values but rows of the weight have 32}}
  %y = transformer.linear %x, %w : tensor<?x8xf32>, tensor<8x32xf32>
  return
}

// -----

func.func @linear_c2(%x: tensor<?x8xf32>, %w: tensor<32x8xf32>,
                     %b: tensor<8xf32>) {
  // expected-error @below {{bias has 8 values but the weight has 32 rows}}
  %y = transformer.linear %x, %w bias %b
      : tensor<?x8xf32>, tensor<32x8xf32>, tensor<8xf32>
  return
}

// -----

func.func @linear_width(%x: tensor<?x?xf32>, %w: tensor<32x8xf32>) {
  // expected-error @below {{must be rows of f32 values of a known width}}
  %y = transformer.linear %x, %w : tensor<?x?xf32>, tensor<32x8xf32>
  return
}
