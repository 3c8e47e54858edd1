// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// A whole model, with a repeated layer.

// CHECK-LABEL: func @two_layers
// CHECK-SAME:    transformer.causal, transformer.context = 16 : i64, transformer.vocab = 64 : i64
func.func @two_layers(%rows: !transformer.rows, %tokens: tensor<?xi32>)
    -> tensor<?x64xf32>
    attributes {transformer.context = 16 : i64, transformer.vocab = 64 : i64,
                transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %first = arith.constant 0 : index
  %end = arith.constant 2 : index
  %step = arith.constant 1 : index
  // CHECK: scf.for %[[I:[a-z0-9]+]] = {{.+}} -> (tensor<?x8xf32>)
  %y = scf.for %i = %first to %end step %step iter_args(%in = %x)
      -> (tensor<?x8xf32>) {
    // CHECK: transformer.weight "layers.{i}.mlp.up.weight"[%[[I]]]
    %w = transformer.weight "layers.{i}.mlp.up.weight"[%i] : tensor<8x8xf32>
    %up = transformer.linear %in, %w : tensor<?x8xf32>, tensor<8x8xf32>
    // CHECK: arith.addf
    %sum = arith.addf %in, %up : tensor<?x8xf32>
    scf.yield %sum : tensor<?x8xf32>
  }
  // CHECK: transformer.outputs
  %last = transformer.outputs %y, %rows : tensor<?x8xf32>
  %scores = transformer.linear %last, %table
      : tensor<?x8xf32>, tensor<64x8xf32>
  return %scores : tensor<?x64xf32>
}
