// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @types_c1(%step: !kernel.step, %table: memref<1x9xf32>, %x: memref<128x8xf32>) {
  // expected-error @below {{destination rows have 8 values, expected 9}}
  kernel.types %step(%table : memref<1x9xf32>) into (%x : memref<128x8xf32>)
  return
}
