// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @depthwise_c1(%x: tensor<?x45xf32>, %w: tensor<5x9xf32>) {
  // expected-error @below {{needs windows that transformer.unfold rows has made}}
  %y = transformer.depthwise %x, %w : tensor<?x45xf32>, tensor<5x9xf32>
  return
}

// -----

func.func @depthwise_c1_order(%x: tensor<?x5xf32>, %rows: !transformer.rows, %w: tensor<5x9xf32>) {
  %s, %same = transformer.unfold channels %x, %rows size = 3 stride = 1 pad = 1 grid = [4, 7]
      : tensor<?x5xf32>
  // expected-error @below {{needs windows that transformer.unfold rows has made}}
  %y = transformer.depthwise %s, %w : tensor<?x45xf32>, tensor<5x9xf32>
  return
}

// -----

func.func @depthwise_c2(%x: tensor<?x5xf32>, %rows: !transformer.rows, %w: tensor<9x5xf32>) {
  %s, %same = transformer.unfold rows %x, %rows size = 3 stride = 1 pad = 1 grid = [4, 7]
      : tensor<?x5xf32>
  // expected-error @below {{windows of 9 places of 5 columns meet a weight of 9 x 5}}
  %y = transformer.depthwise %s, %w : tensor<?x45xf32>, tensor<9x5xf32>
  return
}

// -----

func.func @depthwise_c3(%x: tensor<?x5xf32>, %rows: !transformer.rows, %w: tensor<5x9xf32>,
    %b: tensor<9xf32>) {
  %s, %same = transformer.unfold rows %x, %rows size = 3 stride = 1 pad = 1 grid = [4, 7]
      : tensor<?x5xf32>
  // expected-error @below {{bias has 9 values but rows of the result have 5}}
  %y = transformer.depthwise %s, %w bias %b : tensor<?x45xf32>, tensor<5x9xf32>, tensor<9xf32>
  return
}
