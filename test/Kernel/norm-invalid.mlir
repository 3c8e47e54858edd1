// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @norm_c1(%step: !kernel.step, %x: memref<512x8xf32>, %w: memref<8xf32>) {
  // expected-error @below {{takes at most 2 norm weights, has 3}}
  kernel.norm rows of %step(%x : memref<512x8xf32>) norm (%w, %w, %w : memref<8xf32>, memref<8xf32>, memref<8xf32>) into (%x : memref<512x8xf32>)
      attributes {norm = #kernel.normalise<kind = rms, eps = 1.0e-5 : f64, group = 0>}
  return
}

// -----

func.func @norm_c2(%step: !kernel.step, %x: memref<512x8xf32>) {
  // expected-error @below {{a row of 8 values has no even groups of 3}}
  kernel.norm rows of %step(%x : memref<512x8xf32>) into (%x : memref<512x8xf32>)
      attributes {norm = #kernel.normalise<kind = rms, eps = 1.0e-5 : f64, group = 3>}
  return
}

// -----

func.func @norm_c3(%step: !kernel.step, %x: memref<512x8xf32>, %w: memref<4xf32>) {
  // expected-error @below {{norm weight has 4 values but 8 are normalised}}
  kernel.norm rows of %step(%x : memref<512x8xf32>) norm (%w : memref<4xf32>) into (%x : memref<512x8xf32>)
      attributes {norm = #kernel.normalise<kind = rms, eps = 1.0e-5 : f64, group = 0>}
  return
}

// -----

func.func @norm_c3_group(%step: !kernel.step, %x: memref<512x8xf32>, %w: memref<2xf32>) {
  // expected-error @below {{norm weight has 2 values but 4 are normalised}}
  kernel.norm rows of %step(%x : memref<512x8xf32>) norm (%w : memref<2xf32>) into (%x : memref<512x8xf32>)
      attributes {norm = #kernel.normalise<kind = rms, eps = 1.0e-5 : f64, group = 4>}
  return
}

// -----

func.func @norm_c4(%step: !kernel.step, %x: memref<512x8xf32>, %y: memref<512x9xf32>) {
  // expected-error @below {{destination rows have 9 values, expected 8}}
  kernel.norm rows of %step(%x : memref<512x8xf32>) into (%y : memref<512x9xf32>)
      attributes {norm = #kernel.normalise<kind = rms, eps = 1.0e-5 : f64, group = 0>}
  return
}

// -----

func.func @norm_c4_many(%step: !kernel.step, %x: memref<512x8xf32>) {
  // expected-error @below {{needs 1 destination, has 2}}
  kernel.norm rows of %step(%x : memref<512x8xf32>) into (%x, %x : memref<512x8xf32>, memref<512x8xf32>)
      attributes {norm = #kernel.normalise<kind = rms, eps = 1.0e-5 : f64, group = 0>}
  return
}
