// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @embed_c1(%tokens: tensor<?xi32>, %table: tensor<64x8xf32>) {
  // expected-error @below {{scale is INF, not finite}}
  %x = transformer.embed %tokens, %table scale = 0x7FF0000000000000
      : tensor<?xi32>, tensor<64x8xf32>
  return
}

// -----

func.func @embed_tokens(%tokens: tensor<?xi64>, %table: tensor<64x8xf32>) {
  // expected-error @below {{operand #0 must be 1D tensor of 32-bit signless integer values}}
  %x = transformer.embed %tokens, %table : tensor<?xi64>, tensor<64x8xf32>
  return
}
