// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @remain_all_c1(%step: !kernel.step, %left: memref<3xi32>) {
  // expected-error @below {{has 'memref<3xi32>' for what is left of 1 sequences or more}}
  kernel.remain_all %step in (%left : memref<3xi32>)
  return
}

// -----

func.func @remaining_step_c1(%step: !kernel.step, %left: memref<8x4xi32>) {
  // expected-error @below {{has 'memref<8x4xi32>' for what is left of 1 sequences or more}}
  %now = kernel.remaining_step %step of (%left : memref<8x4xi32>)
  return
}

// -----

func.func @leave_c1(%step: !kernel.step, %left: memref<515xi32>, %s: memref<512x3xf32>) {
  // expected-error @below {{has 0 destinations, expected 1}}
  kernel.leave %step(%s : memref<512x3xf32>) of (%left : memref<515xi32>)
      attributes {above = 0.5 : f64, tile = 6 : i64}
  return
}

// -----

func.func @leave_c1_many(%step: !kernel.step, %left: memref<515xi32>, %s: memref<512x3xf32>, %x: memref<512x8xf32>) {
  // expected-error @below {{has 2 destinations, expected 0 or 1}}
  kernel.leave %step(%s : memref<512x3xf32>) of (%left : memref<515xi32>)
      into (%x, %x : memref<512x8xf32>, memref<512x8xf32>) attributes {tile = 6 : i64}
  return
}

// -----

func.func @leave_c2(%step: !kernel.step, %left: memref<515xi32>, %s: memref<512x3xf32>, %x: memref<512x8xf32>) {
  // expected-error @below {{above is -1}}
  kernel.leave %step(%s : memref<512x3xf32>) of (%left : memref<515xi32>) into (%x : memref<512x8xf32>)
      attributes {above = -1.0 : f64, tile = 6 : i64}
  return
}

// -----

func.func @leave_c3(%step: !kernel.step, %left: memref<514xi32>, %s: memref<512x3xf32>, %x: memref<512x8xf32>) {
  // expected-error @below {{has 'memref<514xi32>' for what is left of 512 sequences or more}}
  kernel.leave %step(%s : memref<512x3xf32>) of (%left : memref<514xi32>) into (%x : memref<512x8xf32>)
      attributes {above = 0.5 : f64, tile = 6 : i64}
  return
}
