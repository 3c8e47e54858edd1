// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @unfold_c1_size(%x: tensor<?x5xf32>, %rows: !transformer.rows) {
  // expected-error @below {{size is 0, not positive}}
  %y, %made = transformer.unfold rows %x, %rows size = 0 stride = 1 pad = 0 : tensor<?x5xf32>
  return
}

// -----

func.func @unfold_c1_stride(%x: tensor<?x5xf32>, %rows: !transformer.rows) {
  // expected-error @below {{has no windows of size 3, stride 0 and pad 1}}
  %y, %made = transformer.unfold rows %x, %rows size = 3 stride = 0 pad = 1 : tensor<?x5xf32>
  return
}

// -----

func.func @unfold_c1_pad(%x: tensor<?x5xf32>, %rows: !transformer.rows) {
  // expected-error @below {{has no windows of size 3, stride 1 and pad 3}}
  %y, %made = transformer.unfold rows %x, %rows size = 3 stride = 1 pad = 3 : tensor<?x5xf32>
  return
}

// -----

func.func @unfold_c2(%x: tensor<?x5xf32>, %rows: !transformer.rows) {
  // expected-error @below {{has a grid of [7], expected lines and columns}}
  %y, %made = transformer.unfold rows %x, %rows size = 3 stride = 1 pad = 1 grid = [7] : tensor<?x5xf32>
  return
}

// -----

func.func @unfold_c3(%x: tensor<?x5xf32>, %rows: !transformer.rows) {
  // expected-error @below {{windows of 5 do not fit a grid of 7 x 2 with a pad of 1}}
  %y, %made = transformer.unfold rows %x, %rows size = 5 stride = 1 pad = 1 grid = [7, 2] : tensor<?x5xf32>
  return
}

// -----

func.func @unfold_c4(%x: tensor<?x5xf32>, %rows: !transformer.rows) {
  %y, %made = transformer.unfold rows %x, %rows size = 2 stride = 2 pad = 0 : tensor<?x5xf32>
  // expected-error @below {{takes other rows than those that x is made of}}
  %z, %more = transformer.unfold rows %y, %rows size = 2 stride = 2 pad = 0 : tensor<?x10xf32>
  return
}
