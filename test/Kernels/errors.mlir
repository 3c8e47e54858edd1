// RUN: transformer-opt %s --emit-loops -verify-diagnostics

func.func @tensors(%step: !kernel.step, %x: tensor<512x8xf32>, %to: tensor<512x8xf32>) -> tensor<512x8xf32> {
  // expected-error @below {{is still on tensors: loops need buffers}}
  %r = kernel.gather %step(%x : tensor<512x8xf32>) into (%to : tensor<512x8xf32>) -> tensor<512x8xf32>
  return %r : tensor<512x8xf32>
}
