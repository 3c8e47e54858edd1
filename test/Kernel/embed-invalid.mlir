// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @embed_c2(%step: !kernel.step, %table: memref<100x9xf32>, %to: memref<512x8xf32>) {
  // expected-error @below {{destination rows have 8 values, expected 9}}
  kernel.embed %step(%table : memref<100x9xf32>) into (%to : memref<512x8xf32>)
      attributes {scale = 1.0 : f64}
  return
}

// -----

func.func @embed_c3(%step: !kernel.step, %table: memref<100x8xf32>, %to: memref<512x8xf32>) {
  // expected-error @below {{scale is nan, not finite}}
  kernel.embed %step(%table : memref<100x8xf32>) into (%to : memref<512x8xf32>)
      attributes {scale = 0x7FF8000000000000 : f64}
  return
}

// -----

func.func @embed_c1(%step: !kernel.step, %table: memref<8xf32>, %to: memref<512x8xf32>) {
  // expected-error @below {{table has 1 dimensions, expected 2, or 3 in panels}}
  kernel.embed %step(%table : memref<8xf32>) into (%to : memref<512x8xf32>)
      attributes {scale = 1.0 : f64}
  return
}
