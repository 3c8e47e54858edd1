// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @depthwise_c1(%step: !kernel.step, %x: memref<512x40xf32>, %w: memref<2x9x32xf32>,
    %to: memref<512x30xf32>) {
  // expected-error @below {{destination rows have 30 values, expected 40}}
  kernel.depthwise of %step to %step(%x : memref<512x40xf32>) by (%w : memref<2x9x32xf32>)
      windows <size = 3, stride = 1, pad = 1, lines = 4, columns = 7, skip = 0>
      into (%to : memref<512x30xf32>)
      attributes {schedule = #kernel.schedule<rows = 4, vectors = 2, lanes = 16>}
  return
}

// -----

func.func @depthwise_c2(%step: !kernel.step, %x: memref<512x40xf32>, %w: memref<2x9x32xf32>,
    %to: memref<512x40xf32>) {
  // expected-error @below {{makes another number of rows, without their firsts}}
  kernel.depthwise of %step to %step(%x : memref<512x40xf32>) by (%w : memref<2x9x32xf32>)
      windows <size = 3, stride = 1, pad = 0, lines = 4, columns = 7, skip = 0>
      into (%to : memref<512x40xf32>)
      attributes {schedule = #kernel.schedule<rows = 4, vectors = 2, lanes = 16>}
  return
}

// -----

func.func @depthwise_c3(%step: !kernel.step, %x: memref<512x40xf32>, %w: memref<2x9x16xf32>,
    %to: memref<512x40xf32>) {
  // expected-error @below {{weight is 'memref<2x9x16xf32>', not 'memref<2x9x32xf32>'}}
  kernel.depthwise of %step to %step(%x : memref<512x40xf32>) by (%w : memref<2x9x16xf32>)
      windows <size = 3, stride = 1, pad = 1, lines = 4, columns = 7, skip = 0>
      into (%to : memref<512x40xf32>)
      attributes {schedule = #kernel.schedule<rows = 4, vectors = 2, lanes = 16>}
  return
}

// -----

func.func @depthwise_c3_line(%step: !kernel.step, %x: memref<512x40xf32>, %w: memref<2x9x32xf32>,
    %to: memref<512x40xf32>) {
  // expected-error @below {{weight is 'memref<2x9x32xf32>', not 'memref<2x3x32xf32>'}}
  kernel.depthwise of %step to %step(%x : memref<512x40xf32>) by (%w : memref<2x9x32xf32>)
      windows <size = 3, stride = 1, pad = 1, lines = 0, columns = 0, skip = 0>
      into (%to : memref<512x40xf32>)
      attributes {schedule = #kernel.schedule<rows = 4, vectors = 2, lanes = 16>}
  return
}

// -----

func.func @depthwise_c4(%step: !kernel.step, %x: memref<512x40xf32>, %w: memref<2x9x32xf32>,
    %b: memref<40xf32>, %to: memref<512x40xf32>) {
  // expected-error @below {{bias is 'memref<40xf32>' for panels of 64 columns}}
  kernel.depthwise of %step to %step(%x : memref<512x40xf32>) by (%w : memref<2x9x32xf32>)
      bias (%b : memref<40xf32>)
      windows <size = 3, stride = 1, pad = 1, lines = 4, columns = 7, skip = 0>
      into (%to : memref<512x40xf32>)
      attributes {schedule = #kernel.schedule<rows = 4, vectors = 2, lanes = 16>}
  return
}
