// RUN: transformer-opt %s --lower-to-kernel | FileCheck %s

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// Rows of the weight that turn together become neighbours when they are packed; so
// do the values of the bias. Tables of cos and sin hold the whole context.

// CHECK-LABEL: func @halves_step
// CHECK: kernel.weight [{{.+}}"query.weight", rows = 8, cols = 8, headDim = 4, rotaryDim = 2>]
// CHECK: kernel.weight [{{.+}}"query.bias", rows = 8, cols = 1, headDim = 4, rotaryDim = 2>]
// CHECK: %[[Q:.+]] = kernel.matmul
// CHECK: %[[COS:.+]] = kernel.weight [#kernel.part<origin = rotary_cos, name = "", rows = 16, cols = 32, headDim = 4, rotaryDim = 2, magnitude = 1.000000e+00 : f64, frequencies = [1.000000e+00]>]
// CHECK: %[[SIN:.+]] = kernel.weight [#kernel.part<origin = rotary_sin
// CHECK: kernel.map rows of %{{.+}}(%[[Q]] : tensor<512x8xf32>) with(%[[COS]], %[[SIN]] : memref<16x32xf32>, memref<16x32xf32>)
// CHECK-SAME: period = 4 : i64
// CHECK-NEXT: ^bb0(%[[X:.+]]: f32, %[[C:.+]]: f32, %[[S:.+]]: f32):
// CHECK-NEXT: %[[NEIGHBOUR:.+]] = kernel.swap_pairs %[[X]]
// CHECK-NEXT: %[[STRAIGHT:.+]] = arith.mulf %[[X]], %[[C]]
// CHECK-NEXT: math.fma %[[NEIGHBOUR]], %[[S]], %[[STRAIGHT]]
func.func @halves(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %w = transformer.weight "query.weight" : tensor<8x8xf32>
  %b = transformer.weight "query.bias" : tensor<8xf32>
  %q = transformer.linear %x, %w bias %b : tensor<?x8xf32>, tensor<8x8xf32>, tensor<8xf32>
  %y = transformer.rotary halves %q, %rows head_dim = 4 dim = 2 frequencies = [1.0] : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// Between linear and rotary, a norm of the heads is packed in the same order.

// CHECK-LABEL: func @query_norm_step
// CHECK: kernel.weight [{{.+}}"query.weight", rows = 8, cols = 8, headDim = 4, rotaryDim = 4>]
// CHECK: kernel.weight [{{.+}}"norm.weight", rows = 4, cols = 1, headDim = 4, rotaryDim = 4>]
func.func @query_norm(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %w = transformer.weight "query.weight" : tensor<8x8xf32>
  %b = transformer.weight "query.bias" : tensor<8xf32>
  %q = transformer.linear %x, %w bias %b : tensor<?x8xf32>, tensor<8x8xf32>, tensor<8xf32>
  %n = transformer.weight "norm.weight" : tensor<4xf32>
  %h = transformer.norm rms %q weight %n eps = 1.0e-6 group = 4 : tensor<?x8xf32>, tensor<4xf32>
  %y = transformer.rotary halves %h, %rows head_dim = 4 dim = 4 frequencies = [1.0, 0.01] : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// Pairs are neighbours already: nothing is packed in another order.

// CHECK-LABEL: func @pairs_step
// CHECK: kernel.weight [{{.+}}"query.weight", rows = 8, cols = 8>]
// CHECK: origin = rotary_cos
func.func @pairs(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %w = transformer.weight "query.weight" : tensor<8x8xf32>
  %b = transformer.weight "query.bias" : tensor<8xf32>
  %q = transformer.linear %x, %w bias %b : tensor<?x8xf32>, tensor<8x8xf32>, tensor<8xf32>
  %y = transformer.rotary pairs %q, %rows head_dim = 4 dim = 4 frequencies = [1.0, 0.01] : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

}
