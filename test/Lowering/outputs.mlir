// RUN: transformer-opt %s --lower-to-kernel | FileCheck %s

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// Layers behind `outputs` work on the wanted rows alone.

// CHECK-LABEL: func @outputs_step
// CHECK-SAME: kernel.outputs = #kernel<count outputs>
// CHECK:      %[[ROWS:.+]] = kernel.map rows of
// CHECK:      %[[WANTED:.+]] = kernel.gather %{{.+}}(%[[ROWS]] : tensor<512x8xf32>)
// CHECK:      kernel.map outputs of %{{.+}}(%[[WANTED]] : tensor<512x8xf32>)
func.func @outputs(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %a = transformer.activation relu %x : tensor<?x8xf32>
  %o = transformer.outputs %a, %rows : tensor<?x8xf32>
  %y = transformer.activation tanh %o : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// A pooled model has one output for each sequence.

// CHECK-LABEL: func @pooled_step
// CHECK-SAME: kernel.outputs = #kernel<count sequences>
// CHECK:      %[[POOLED:.+]] = kernel.pool mean of
// CHECK:      kernel.norm sequences of %{{.+}}(%[[POOLED]] : tensor<512x8xf32>)
func.func @pooled(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %p = transformer.pool mean %x, %rows : tensor<?x8xf32>
  %y = transformer.norm rms %p eps = 1.0e-5 : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

}
