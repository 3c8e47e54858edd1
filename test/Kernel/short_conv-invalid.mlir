// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @short_conv_c1(%step: !kernel.step, %x: memref<512x40xf32>, %w: memref<2x4x32xf32>,
    %slot: index, %to: memref<512x30xf32>) {
  // expected-error @below {{destination rows have 30 values, expected 40}}
  kernel.short_conv %step(%x : memref<512x40xf32>) by (%w : memref<2x4x32xf32>)
      slot %slot into (%to : memref<512x30xf32>)
      attributes {schedule = #kernel.schedule<rows = 1, vectors = 2, lanes = 16>}
  return
}

// -----

func.func @short_conv_c2(%step: !kernel.step, %x: memref<512x40xf32>, %w: memref<1x4x32xf32>,
    %slot: index, %to: memref<512x40xf32>) {
  // expected-error @below {{weight is 'memref<1x4x32xf32>', not 'memref<2x4x32xf32>'}}
  kernel.short_conv %step(%x : memref<512x40xf32>) by (%w : memref<1x4x32xf32>)
      slot %slot into (%to : memref<512x40xf32>)
      attributes {schedule = #kernel.schedule<rows = 1, vectors = 2, lanes = 16>}
  return
}

// -----

func.func @short_conv_c2_one(%step: !kernel.step, %x: memref<512x40xf32>, %w: memref<2x1x32xf32>,
    %slot: index, %to: memref<512x40xf32>) {
  // expected-error @below {{weighs 1 row, expected 2 or more}}
  kernel.short_conv %step(%x : memref<512x40xf32>) by (%w : memref<2x1x32xf32>)
      slot %slot into (%to : memref<512x40xf32>)
      attributes {schedule = #kernel.schedule<rows = 1, vectors = 2, lanes = 16>}
  return
}

// -----

func.func @short_conv_c3(%step: !kernel.step, %x: memref<512x40xf32>, %w: memref<2x4x32xf32>,
    %b: memref<40xf32>, %slot: index, %to: memref<512x40xf32>) {
  // expected-error @below {{bias is 'memref<40xf32>' for panels of 64 columns}}
  kernel.short_conv %step(%x : memref<512x40xf32>) by (%w : memref<2x4x32xf32>)
      bias (%b : memref<40xf32>) slot %slot into (%to : memref<512x40xf32>)
      attributes {schedule = #kernel.schedule<rows = 1, vectors = 2, lanes = 16>}
  return
}
