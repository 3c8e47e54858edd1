// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @quantise_c1(%step: !kernel.step, %x: memref<512x8xf32>, %to: memref<512x8xi32>) {
  // expected-error @below {{has nothing to do for weights of f32}}
  kernel.quantise rows of %step(%x : memref<512x8xf32>) into (%to : memref<512x8xi32>)
      attributes {format = #kernel.format<f32>}
  return
}

// -----

func.func @quantise_c2(%step: !kernel.step, %x: memref<512x33xf32>, %to: memref<512x10xi32>) {
  // expected-error @below {{destination rows have 10 values, expected 20}}
  kernel.quantise rows of %step(%x : memref<512x33xf32>) into (%to : memref<512x10xi32>)
      attributes {format = #kernel.format<int4>}
  return
}

// -----

func.func @quantise_c2_many(%step: !kernel.step, %x: memref<512x8xf32>, %to: memref<512x4xi32>) {
  // expected-error @below {{needs 1 destination, has 2}}
  kernel.quantise rows of %step(%x : memref<512x8xf32>) into (%to, %to : memref<512x4xi32>, memref<512x4xi32>)
      attributes {format = #kernel.format<bf16>}
  return
}
