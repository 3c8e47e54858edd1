// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @alibi_c1() {
  // expected-error @below {{has no slopes}}
  // expected-error @below {{failed to infer returned types}}
  %b = transformer.alibi slopes = [] reach = 15 : tensor<1x31xf32>
  return
}

// -----

func.func @alibi_c1_infinite() {
  // expected-error @below {{slope is INF, not finite}}
  %b = transformer.alibi slopes = [0x7FF0000000000000] reach = 15
      : tensor<1x31xf32>
  return
}

// -----

func.func @alibi_c2() {
  // expected-error @below {{reach is -1, not from 0 to 2147483648}}
  // expected-error @below {{failed to infer returned types}}
  %b = transformer.alibi slopes = [0.5] reach = -1 : tensor<1x1xf32>
  return
}
