// RUN: transformer-opt %s -split-input-file -verify-diagnostics --lower-to-kernel | FileCheck %s

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// The repetitions of all loops around are counted through; rows go on as they are.

// CHECK-LABEL: func @stream_step
// CHECK-SAME: kernel.taps = [#kernel.tap<number = 0, name = "layers.stream", rounds = 6, heads = 0, columns = 8>]
// CHECK: %[[X:.+]] = kernel.map
// CHECK: scf.for %[[I:.+]] = %{{.+}} iter_args(%[[OUTER:.+]] = %[[X]])
// CHECK: scf.for %[[J:.+]] = %{{.+}} iter_args(%[[ROWS:.+]] = %[[OUTER]])
// CHECK: %[[TWO:.+]] = arith.constant 2 : index
// CHECK: %[[FIRST:.+]] = arith.muli %{{.+}}, %[[TWO]]
// CHECK: %[[ROUND:.+]] = arith.addi %[[FIRST]], %[[J]]
// CHECK: kernel.tap %{{.+}}(%[[ROWS]] : tensor<512x8xf32>) round %[[ROUND]]
// CHECK: scf.yield %[[ROWS]]
func.func @stream(%rows: !transformer.rows, %reals: tensor<?x8xf32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %two = arith.constant 2 : index
  %three = arith.constant 3 : index
  %x = transformer.input %reals : tensor<?x8xf32>
  %y = scf.for %i = %zero to %three step %one iter_args(%a = %x) -> tensor<?x8xf32> {
    %b = scf.for %j = %zero to %two step %one iter_args(%c = %a) -> tensor<?x8xf32> {
      %d = transformer.tap "layers.stream" %c : tensor<?x8xf32>
      scf.yield %d : tensor<?x8xf32>
    }
    scf.yield %b : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

// Heads of queries; those whose halves packing has made pairs say so.

// CHECK-LABEL: func @queries_step
// CHECK: kernel.tap %{{.+}}(%[[Q:.+]] : tensor<512x8xf32>) round %{{.+}} {tap = {{.+}}heads = 2, columns = 4>, turned = 2 : i64}
// CHECK: kernel.tap %{{.+}}(%{{.+}} : tensor<512x8xf32>) round %{{.+}} {tap = {{.+}}heads = 2, columns = 4>}
func.func @queries(%rows: !transformer.rows, %reals: tensor<?x8xf32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %x = transformer.input %reals : tensor<?x8xf32>
  %w = transformer.weight "query.weight" : tensor<8x8xf32>
  %a = transformer.linear %x, %w : tensor<?x8xf32>, tensor<8x8xf32>
  %b = transformer.rotary halves %a, %rows head_dim = 4 dim = 2 frequencies = [1.0] : tensor<?x8xf32>
  %c = transformer.tap "halves" %b heads = 2 : tensor<?x8xf32>
  %d = transformer.rotary pairs %c, %rows head_dim = 4 dim = 2 frequencies = [1.0] : tensor<?x8xf32>
  %e = transformer.tap "pairs" %d heads = 2 : tensor<?x8xf32>
  return %e : tensor<?x8xf32>
}

// Weights are computed once more, beside the attention.

// CHECK-LABEL: func @weights_step
// CHECK: kernel.tap_weights {{.+}} scores{{.*}}tap = #kernel.tap<number = 0, name = "attention.scores", rounds = 1, heads = 2, columns = 16>
// CHECK: kernel.tap_weights %{{.+}}(%[[Q:.+]] : tensor<512x8xf32>) slot %[[SLOT:.+]] round %{{.+}} {
// CHECK-SAME: tap = #kernel.tap<number = 1, name = "attention.weights", rounds = 1, heads = 2, columns = 16>
// CHECK: kernel.attention %{{.+}}(%[[Q]] : tensor<512x8xf32>) slot %[[SLOT]]
func.func @weights(%rows: !transformer.rows, %reals: tensor<?x8xf32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %x = transformer.input %reals : tensor<?x8xf32>
  %y = transformer.attention causal %x, %x, %x, %rows heads = 2 kv_heads = 2
      scale = 0.5 tap = "attention.weights" tap_scores = "attention.scores"
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

func.func @rows_of_halves(%rows: !transformer.rows, %reals: tensor<?x8xf32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %x = transformer.input %reals : tensor<?x8xf32>
  %w = transformer.weight "query.weight" : tensor<8x8xf32>
  %a = transformer.linear %x, %w : tensor<?x8xf32>, tensor<8x8xf32>
  %b = transformer.rotary halves %a, %rows head_dim = 4 dim = 2 frequencies = [1.0] : tensor<?x8xf32>
  // expected-error @below {{needs the heads of the rotation before it}}
  %c = transformer.tap "halves" %b : tensor<?x8xf32>
  return %c : tensor<?x8xf32>
}

}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

func.func @chosen(%rows: !transformer.rows, %reals: tensor<?x8xf32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %x = transformer.input %reals : tensor<?x8xf32>
  %y = transformer.outputs %x, %rows : tensor<?x8xf32>
  // expected-error @below {{is behind rows that the caller chooses or a pool}}
  %z = transformer.tap "late" %y : tensor<?x8xf32>
  return %z : tensor<?x8xf32>
}

}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

func.func @words_encoder(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 80 : i64, transformer.vocab = 64 : i64} {
  %table = transformer.weight "encoder.embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  // expected-error @below {{hands out rows of the encoder of a decoder, which is not supported yet}}
  %y = transformer.tap "early" %x : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
func.func @words(%rows: !transformer.rows, %tokens: tensor<?xi32>,
                 %source: !transformer.rows, %memory: tensor<?x8xf32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.vocab = 64 : i64,
                transformer.causal, transformer.encoder = @words_encoder} {
  %table = transformer.weight "decoder.embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %c = transformer.cross_attention %x, %memory, %memory, %rows, %source heads = 2 kv_heads = 2
      scale = 0.5 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return %c : tensor<?x8xf32>
}

}
