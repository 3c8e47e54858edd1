// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @head_matmul_c1(%step: !kernel.step, %x: memref<512x8xf32>, %w: memref<2x3x48xf32>, %to: memref<512x10xf32>) {
  // expected-error @below {{3 heads cannot share 8 columns evenly}}
  kernel.head_matmul 3 of rows of %step(%x : memref<512x8xf32>) by (%w : memref<2x3x48xf32>)
      into (%to : memref<512x10xf32>)
      attributes {depth = 3 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>}
  return
}

// -----

func.func @head_matmul_c1_result(%step: !kernel.step, %x: memref<512x8xf32>, %w: memref<2x3x48xf32>, %to: memref<512x11xf32>) {
  // expected-error @below {{2 heads cannot share 11 columns evenly}}
  kernel.head_matmul 2 of rows of %step(%x : memref<512x8xf32>) by (%w : memref<2x3x48xf32>)
      into (%to : memref<512x11xf32>)
      attributes {depth = 3 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>}
  return
}

// -----

func.func @head_matmul_c2(%step: !kernel.step, %x: memref<512x8xf32>, %w: memref<2x5x48xf32>, %to: memref<512x10xf32>) {
  // expected-error @below {{heads of 4 columns meet a weight of 5}}
  kernel.head_matmul 2 of rows of %step(%x : memref<512x8xf32>) by (%w : memref<2x5x48xf32>)
      into (%to : memref<512x10xf32>)
      attributes {depth = 5 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>}
  return
}

// -----

func.func @head_matmul_c3(%step: !kernel.step, %x: memref<512x8xf32>, %w: memref<2x4x48xf32>, %to: memref<512x10xf32>) {
  // expected-error @below {{weight is 'memref<2x4x48xf32>', not 'memref<2x3x48xf32>'}}
  kernel.head_matmul 2 of rows of %step(%x : memref<512x8xf32>) by (%w : memref<2x4x48xf32>)
      into (%to : memref<512x10xf32>)
      attributes {depth = 3 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>}
  return
}

// -----

func.func @head_matmul_c4(%step: !kernel.step, %x: memref<512x8xf32>, %w: memref<1x3x48xf32>, %to: memref<512x10xf32>) {
  // expected-error @below {{weight is 'memref<1x3x48xf32>', not 'memref<2x3x48xf32>'}}
  kernel.head_matmul 2 of rows of %step(%x : memref<512x8xf32>) by (%w : memref<1x3x48xf32>)
      into (%to : memref<512x10xf32>)
      attributes {depth = 3 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>}
  return
}

// -----

func.func @head_matmul_c5(%step: !kernel.step, %x: memref<512x8xf32>, %w: memref<2x2x48xi32>, %to: memref<512x10xf32>) {
  // expected-error @below {{weight is 'memref<2x2x48xi32>', not stored as f32}}
  kernel.head_matmul 2 of rows of %step(%x : memref<512x8xf32>) by (%w : memref<2x2x48xi32>)
      into (%to : memref<512x10xf32>)
      attributes {depth = 3 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>}
  return
}

// -----

func.func @head_matmul_c6(%step: !kernel.step, %x: memref<512x30xi32>, %w: memref<2x2x408xi32>, %to: memref<512x10xf32>) {
  // expected-error @below {{heads of 48 columns begin inside of words for 32}}
  kernel.head_matmul 2 of rows of %step(%x : memref<512x30xi32>) by (%w : memref<2x2x408xi32>)
      into (%to : memref<512x10xf32>)
      attributes {depth = 40 : i64, schedule = #kernel.schedule<rows = 4, vectors = 3, lanes = 16, dot = <vpdpbusd>>, format = #kernel.format<int8>}
  return
}
