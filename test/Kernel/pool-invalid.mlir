// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @pool_c1(%step: !kernel.step, %x: memref<512x8xf32>, %to: memref<512x9xf32>) {
  // expected-error @below {{destination rows have 9 values, expected 8}}
  kernel.pool mean of %step(%x : memref<512x8xf32>) into (%to : memref<512x9xf32>)
  return
}
