// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @random_features_c1(%step: !kernel.step, %x: memref<512x8xf32>, %w: memref<1x4x64xf32>,
                              %y: memref<512x9xf32>) {
  // expected-error @below {{2 heads cannot share 9 columns evenly}}
  kernel.random_features 2 of rows of %step(%x : memref<512x8xf32>) by (%w : memref<1x4x64xf32>)
      into (%y : memref<512x9xf32>) attributes {}
  return
}

// -----

func.func @random_features_c2(%step: !kernel.step, %x: memref<512x8xf32>, %w: memref<1x8x64xf32>,
                              %y: memref<512x10xf32>) {
  // expected-error @below {{weight is 'memref<1x8x64xf32>', not 'memref<1x4x64xf32>'}}
  kernel.random_features 2 of rows of %step(%x : memref<512x8xf32>) by (%w : memref<1x8x64xf32>)
      into (%y : memref<512x10xf32>) attributes {}
  return
}

// -----

func.func @random_features_c3(%step: !kernel.step, %x: memref<512x8xf32>, %w: memref<1x4x64xf32>,
                              %y: memref<512x130xf32>) {
  // expected-error @below {{weight is 'memref<1x4x64xf32>', not 'memref<2x4x64xf32>'}}
  kernel.random_features 2 of rows of %step(%x : memref<512x8xf32>) by (%w : memref<1x4x64xf32>)
      into (%y : memref<512x130xf32>) attributes {}
  return
}
