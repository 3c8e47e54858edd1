// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @patches_c1(%step: !kernel.step, %to: memref<128x12xf32>) {
  // expected-error @below {{image is [3, 8], expected channels, height and width}}
  kernel.patches %step into (%to : memref<128x12xf32>)
      attributes {image = array<i64: 3, 8>, size = 2 : i64, skip = 1 : i64}
  return
}

// -----

func.func @patches_c1_empty(%step: !kernel.step, %to: memref<128x12xf32>) {
  // expected-error @below {{image is [3, 0, 8], expected channels, height and width}}
  kernel.patches %step into (%to : memref<128x12xf32>)
      attributes {image = array<i64: 3, 0, 8>, size = 2 : i64, skip = 1 : i64}
  return
}

// -----

func.func @patches_c2(%step: !kernel.step, %to: memref<128x12xf32>) {
  // expected-error @below {{images of 8 x 7 cannot be cut evenly into patches of 2 x 2}}
  kernel.patches %step into (%to : memref<128x12xf32>)
      attributes {image = array<i64: 3, 8, 7>, size = 2 : i64, skip = 1 : i64}
  return
}

// -----

func.func @patches_c3(%step: !kernel.step, %to: memref<128x12xf32>) {
  // expected-error @below {{skips -1 rows, expected 0 or more}}
  kernel.patches %step into (%to : memref<128x12xf32>)
      attributes {image = array<i64: 3, 8, 6>, size = 2 : i64, skip = -1 : i64}
  return
}

// -----

func.func @patches_c4(%step: !kernel.step, %to: memref<128x16xf32>) {
  // expected-error @below {{destination rows have 16 values, expected 12}}
  kernel.patches %step into (%to : memref<128x16xf32>)
      attributes {image = array<i64: 3, 8, 6>, size = 2 : i64, skip = 1 : i64}
  return
}

// -----

func.func @patches_c2_overlapping(%step: !kernel.step, %to: memref<128x147xf32>) {
  // expected-error @below {{patches of 7 do not fit images of 8 x 4 with a pad of 1}}
  kernel.patches %step into (%to : memref<128x147xf32>)
      attributes {image = array<i64: 3, 8, 4>, size = 7 : i64, skip = 0 : i64, stride = 2 : i64, pad = 1 : i64}
  return
}

// -----

func.func @patches_c3_pad(%step: !kernel.step, %to: memref<128x12xf32>) {
  // expected-error @below {{has a pad of -1, expected 0 or more}}
  kernel.patches %step into (%to : memref<128x12xf32>)
      attributes {image = array<i64: 3, 8, 6>, size = 2 : i64, skip = 0 : i64, pad = -1 : i64}
  return
}
