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

// -----

func.func @embed_c2_panels(%step: !kernel.step, %table: memref<1x2x408xi32>, %to: memref<512x30xf32>) {
  // expected-error @below {{destination rows of 30 values are 1 deep in int8, the table is 2}}
  kernel.embed %step(%table : memref<1x2x408xi32>) into (%to : memref<512x30xf32>)
      attributes {scale = 1.0 : f64, format = #kernel.format<int8>}
  return
}

// -----

func.func @embed_c4(%step: !kernel.step, %table: memref<1x8x48xf32>, %to: memref<512x8xf32>) {
  // expected-error @below {{table is 'memref<1x8x48xf32>', not stored as bf16}}
  kernel.embed %step(%table : memref<1x8x48xf32>) into (%to : memref<512x8xf32>)
      attributes {scale = 1.0 : f64, format = #kernel.format<bf16>}
  return
}

// -----

func.func @embed_c4_rows(%step: !kernel.step, %table: memref<100x8xi32>, %to: memref<512x8xf32>) {
  // expected-error @below {{table is 'memref<100x8xi32>', not stored as bf16}}
  kernel.embed %step(%table : memref<100x8xi32>) into (%to : memref<512x8xf32>)
      attributes {scale = 1.0 : f64, format = #kernel.format<bf16>}
  return
}
