// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @grid_attention_c1(%step: !kernel.step, %q: tensor<512x64xf32>, %k: tensor<512x32xf32>,
               %v: tensor<512x48xf32>, %b: memref<64x16xf32>, %e: tensor<512x96xf32>) {
  // expected-error @below {{4 heads cannot share 3 heads of keys evenly}}
  %r = kernel.grid_attention %step(%q, %k, %v : tensor<512x64xf32>, tensor<512x32xf32>, tensor<512x48xf32>)
      bias (%b : memref<64x16xf32>) into (%e : tensor<512x96xf32>)
      attributes {heads = 4 : i64, kvHeads = 3 : i64, grid = array<i64: 8, 12>, tile = 4 : i64,
                  shift = 2 : i64, scale = 2.5e-01 : f64,
                  schedule = #kernel.schedule<rows = 12, vectors = 2, lanes = 16>}
      -> tensor<512x96xf32>
  return
}

// -----

func.func @grid_attention_c2(%step: !kernel.step, %q: tensor<512x64xf32>, %k: tensor<512x30xf32>,
               %v: tensor<512x48xf32>, %b: memref<64x16xf32>, %e: tensor<512x96xf32>) {
  // expected-error @below {{rows of 64, 30 and 48 values are not 4 heads of queries, 2 of keys and values}}
  %r = kernel.grid_attention %step(%q, %k, %v : tensor<512x64xf32>, tensor<512x30xf32>, tensor<512x48xf32>)
      bias (%b : memref<64x16xf32>) into (%e : tensor<512x96xf32>)
      attributes {heads = 4 : i64, kvHeads = 2 : i64, grid = array<i64: 8, 12>, tile = 4 : i64,
                  shift = 2 : i64, scale = 2.5e-01 : f64,
                  schedule = #kernel.schedule<rows = 12, vectors = 2, lanes = 16>}
      -> tensor<512x96xf32>
  return
}

// -----

func.func @grid_attention_c3(%step: !kernel.step, %q: tensor<512x64xf32>, %k: tensor<512x32xf32>,
               %v: tensor<512x48xf32>, %b: memref<64x16xf32>, %e: tensor<512x90xf32>) {
  // expected-error @below {{destination}}
  %r = kernel.grid_attention %step(%q, %k, %v : tensor<512x64xf32>, tensor<512x32xf32>, tensor<512x48xf32>)
      bias (%b : memref<64x16xf32>) into (%e : tensor<512x90xf32>)
      attributes {heads = 4 : i64, kvHeads = 2 : i64, grid = array<i64: 8, 12>, tile = 4 : i64,
                  shift = 2 : i64, scale = 2.5e-01 : f64,
                  schedule = #kernel.schedule<rows = 12, vectors = 2, lanes = 16>}
      -> tensor<512x90xf32>
  return
}

// -----

func.func @grid_attention_c4(%step: !kernel.step, %q: tensor<512x64xf32>, %k: tensor<512x32xf32>,
               %v: tensor<512x48xf32>, %b: memref<64x16xf32>, %e: tensor<512x96xf32>) {
  // expected-error @below {{tiles of 5 do not divide the grid of 8, 12}}
  %r = kernel.grid_attention %step(%q, %k, %v : tensor<512x64xf32>, tensor<512x32xf32>, tensor<512x48xf32>)
      bias (%b : memref<64x16xf32>) into (%e : tensor<512x96xf32>)
      attributes {heads = 4 : i64, kvHeads = 2 : i64, grid = array<i64: 8, 12>, tile = 5 : i64,
                  shift = 2 : i64, scale = 2.5e-01 : f64,
                  schedule = #kernel.schedule<rows = 12, vectors = 2, lanes = 16>}
      -> tensor<512x96xf32>
  return
}

// -----

func.func @grid_attention_c5(%step: !kernel.step, %q: tensor<512x64xf32>, %k: tensor<512x32xf32>,
               %v: tensor<512x48xf32>, %b: memref<64x16xf32>, %e: tensor<512x96xf32>) {
  // expected-error @below {{shift is 4, not from 0 to 3}}
  %r = kernel.grid_attention %step(%q, %k, %v : tensor<512x64xf32>, tensor<512x32xf32>, tensor<512x48xf32>)
      bias (%b : memref<64x16xf32>) into (%e : tensor<512x96xf32>)
      attributes {heads = 4 : i64, kvHeads = 2 : i64, grid = array<i64: 8, 12>, tile = 4 : i64,
                  shift = 4 : i64, scale = 2.5e-01 : f64,
                  schedule = #kernel.schedule<rows = 12, vectors = 2, lanes = 16>}
      -> tensor<512x96xf32>
  return
}

// -----

func.func @grid_attention_c6(%step: !kernel.step, %q: tensor<512x64xf32>, %k: tensor<512x32xf32>,
               %v: tensor<512x48xf32>, %b: memref<64x16xf32>, %e: tensor<512x96xf32>) {
  // expected-error @below {{scale is INF, not finite}}
  %r = kernel.grid_attention %step(%q, %k, %v : tensor<512x64xf32>, tensor<512x32xf32>, tensor<512x48xf32>)
      bias (%b : memref<64x16xf32>) into (%e : tensor<512x96xf32>)
      attributes {heads = 4 : i64, kvHeads = 2 : i64, grid = array<i64: 8, 12>, tile = 4 : i64,
                  shift = 2 : i64, scale = 0x7FF0000000000000 : f64,
                  schedule = #kernel.schedule<rows = 12, vectors = 2, lanes = 16>}
      -> tensor<512x96xf32>
  return
}

// -----

func.func @grid_attention_c7(%step: !kernel.step, %q: tensor<512x64xf32>, %k: tensor<512x32xf32>,
               %v: tensor<512x48xf32>, %b: memref<64x20xf32>, %e: tensor<512x96xf32>) {
  // expected-error @below {{bias is 64 x 20, expected 64 x 16}}
  %r = kernel.grid_attention %step(%q, %k, %v : tensor<512x64xf32>, tensor<512x32xf32>, tensor<512x48xf32>)
      bias (%b : memref<64x20xf32>) into (%e : tensor<512x96xf32>)
      attributes {heads = 4 : i64, kvHeads = 2 : i64, grid = array<i64: 8, 12>, tile = 4 : i64,
                  shift = 2 : i64, scale = 2.5e-01 : f64,
                  schedule = #kernel.schedule<rows = 12, vectors = 2, lanes = 16>}
      -> tensor<512x96xf32>
  return
}

// -----

func.func @grid_attention_c8(%step: !kernel.step, %q: tensor<512x64xf32>, %k: tensor<512x32xf32>,
               %v: tensor<512x48xf32>, %b: memref<64x16xf32>, %e: tensor<512x96xf32>) {
  // expected-error @below {{a tile of 60 x 60 rows has more than 65536 keys and values of a head}}
  %r = kernel.grid_attention %step(%q, %k, %v : tensor<512x64xf32>, tensor<512x32xf32>, tensor<512x48xf32>)
      bias (%b : memref<64x16xf32>) into (%e : tensor<512x96xf32>)
      attributes {heads = 4 : i64, kvHeads = 2 : i64, grid = array<i64: 60, 120>, tile = 60 : i64,
                  shift = 2 : i64, scale = 2.5e-01 : f64,
                  schedule = #kernel.schedule<rows = 12, vectors = 2, lanes = 16>}
      -> tensor<512x96xf32>
  return
}
