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

// Of an image the caller is told how many rows there are: the class row is not among those
// of the patches, and merged ones are a quarter.

// CHECK-LABEL: func @image_step
// CHECK-SAME: kernel.taps = [#kernel.tap<number = 0, name = "patches", rounds = 1, heads = 0, columns = 4, made = 16>,
// CHECK-SAME:     #kernel.tap<number = 1, name = "merged", rounds = 1, heads = 0, columns = 16, made = 4>,
// CHECK-SAME:     #kernel.tap<number = 2, name = "weights", rounds = 1, heads = 2, columns = 5, made = 5>]
// CHECK: kernel.unfolded_step %[[STEP:.+]] by {{.+}} into(%[[F:[^,]+]],
// CHECK: kernel.tap %[[STEP]](%{{.+}}) round %{{.+}} {tap
// CHECK: kernel.tap %{{.+}}(%{{.+}}) round %{{.+}} firsts(%[[F]] : memref<160xi32>) {capacity = 512 : i64, skip = 1 : i64
// CHECK: kernel.tap_weights %{{.+}} firsts(%[[F]] : memref<160xi32>) {{.*}}capacity = 512 : i64
func.func @image(%rows: !transformer.rows, %images: tensor<?x1x4x4xf32>) -> tensor<?x16xf32>
    attributes {transformer.context = 16 : i64} {
  %p = transformer.patches %images size = 1 : tensor<?x1x4x4xf32>
  %w = transformer.weight "patch.weight" : tensor<4x1xf32>
  %x = transformer.linear %p, %w : tensor<?x1xf32>, tensor<4x1xf32>
  %a = transformer.tap "patches" %x : tensor<?x4xf32>
  %m, %few = transformer.unfold columns %a, %rows size = 2 stride = 2 pad = 0 grid = [4, 4]
      : tensor<?x4xf32>
  %b = transformer.tap "merged" %m : tensor<?x16xf32>
  %t = transformer.weight "prepend.weight" : tensor<1x16xf32>
  %z = transformer.prepend %b, %few, %t : tensor<?x16xf32>, tensor<1x16xf32>
  %y = transformer.attention none %z, %z, %z, %few heads = 2 kv_heads = 2 scale = 0.5
      tap = "weights" : tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}

// Of other sequences it depends on theirs: the rows are behind the second of the windows.

// CHECK-LABEL: func @sequences_step
// CHECK-SAME: kernel.taps = [#kernel.tap<number = 0, name = "same", rounds = 1, heads = 0, columns = 12>,
// CHECK-SAME:     #kernel.tap<number = 1, name = "half", rounds = 1, heads = 0, columns = 36, made = 2>]
func.func @sequences(%rows: !transformer.rows, %reals: tensor<?x4xf32>) -> tensor<?x36xf32>
    attributes {transformer.context = 100 : i64} {
  %x = transformer.input %reals : tensor<?x4xf32>
  %a, %same = transformer.unfold channels %x, %rows size = 3 stride = 1 pad = 1 : tensor<?x4xf32>
  %c = transformer.tap "same" %a : tensor<?x12xf32>
  %b, %half = transformer.unfold channels %c, %same size = 3 stride = 2 pad = 1 : tensor<?x12xf32>
  %d = transformer.tap "half" %b : tensor<?x36xf32>
  return %d : tensor<?x36xf32>
}

}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

func.func @mixtures(%rows: !transformer.rows, %reals: tensor<?x8xf32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64} {
  %x = transformer.input %reals : tensor<?x8xf32>
  %t = transformer.weight "mix.weight" : tensor<4x16xf32>
  %m, %four = transformer.mix %x, %rows, %t : tensor<?x8xf32>, tensor<4x16xf32>
  // expected-error @below {{hands out rows that are made for each sequence alike, which is not supported yet}}
  %y = transformer.tap "few" %m : tensor<?x8xf32>
  return %x : tensor<?x8xf32>
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

// The encoder hands out its own rows and what the decoder makes of them alone, in each
// repetition; the step the rest, of the source's rows the weights. Both count from 0.

// CHECK-LABEL: func @words_encode
// CHECK-SAME: kernel.taps = [#kernel.tap<number = 0, name = "half", rounds = 1, heads = 0, columns = 16, made = 1>,
// CHECK-SAME:     #kernel.tap<number = 1, name = "keys", rounds = 3, heads = 2, columns = 8, made = 1>]
// CHECK: kernel.unfolded_step %[[STEP:.+]] by {{.+}} into(%[[F:[^,]+]],
// CHECK: kernel.tap %[[MADE:.+]](%{{.+}}) round %{{.+}} firsts(%[[F]] : memref<512xi32>) {capacity = 512 : i64
// CHECK: scf.for
// CHECK: kernel.tap %[[MADE]](%{{.+}}) round %{{.+}} firsts(%[[F]] : memref<512xi32>) {capacity = 512 : i64
// CHECK-LABEL: func @words_step
// CHECK-SAME: kernel.taps = [#kernel.tap<number = 0, name = "scores", rounds = 3, heads = 2, columns = 40>,
// CHECK-SAME:     #kernel.tap<number = 1, name = "weights", rounds = 3, heads = 2, columns = 40>]
// CHECK: kernel.tap_weights %[[STEP:.+]](%[[Q:.+]] : tensor<512x16xf32>) slot %[[SLOT:.+]] round %{{.+}} {{.*}}mask = #kernel.mask<source>{{.*}}scores
// CHECK: kernel.tap_weights %[[STEP]](%[[Q]] : tensor<512x16xf32>) slot %[[SLOT]] round
// CHECK: kernel.attention %[[STEP]](%[[Q]] : tensor<512x16xf32>) slot %[[SLOT]]
func.func @words_encoder(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x16xf32>
    attributes {transformer.context = 80 : i64, transformer.vocab = 64 : i64} {
  %table = transformer.weight "encoder.embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %h, %half = transformer.unfold rows %x, %rows size = 2 stride = 2 pad = 0 : tensor<?x8xf32>
  %y = transformer.tap "half" %h : tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}
func.func @words(%rows: !transformer.rows, %tokens: tensor<?xi32>,
                 %source: !transformer.rows, %memory: tensor<?x16xf32>) -> tensor<?x16xf32>
    attributes {transformer.context = 16 : i64, transformer.vocab = 64 : i64,
                transformer.causal, transformer.encoder = @words_encoder} {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %three = arith.constant 3 : index
  %table = transformer.weight "decoder.embed.weight" : tensor<64x16xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x16xf32>
  %y = scf.for %i = %zero to %three step %one iter_args(%a = %x) -> tensor<?x16xf32> {
    %w = transformer.weight "key.weight" : tensor<16x16xf32>
    %k = transformer.linear %memory, %w : tensor<?x16xf32>, tensor<16x16xf32>
    %t = transformer.tap "keys" %k heads = 2 : tensor<?x16xf32>
    %c = transformer.cross_attention %a, %t, %memory, %rows, %source heads = 2 kv_heads = 2
        scale = 0.5 tap = "weights" tap_scores = "scores"
        : tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>
    scf.yield %c : tensor<?x16xf32>
  }
  return %y : tensor<?x16xf32>
}

}
