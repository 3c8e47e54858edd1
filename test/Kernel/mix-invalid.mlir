// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @mix_c1(%step: !kernel.step, %x: memref<512x8xf32>, %table: memref<4x16xf32>,
    %to: memref<512x9xf32>) {
  // expected-error @below {{destination rows have 9 values, expected 8}}
  kernel.mix %step to %step(%x : memref<512x8xf32>) by (%table : memref<4x16xf32>)
      into (%to : memref<512x9xf32>)
  return
}
