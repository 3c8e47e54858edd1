// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @scale_c1(%x: tensor<?x8xf32>) {
  // expected-error @below {{factor is INF, not finite}}
  %y = transformer.scale %x by 0x7FF0000000000000 : tensor<?x8xf32>
  return
}
