// RUN: transformer-opt %s --lower-to-kernel | FileCheck %s

// An encoder-decoder becomes two functions. What follows from the source alone is
// computed by the first: the encoder's rows, and the keys and values that the
// decoder's layers see of them.

// One block of 64 positions of the decoder's own is 10240 bytes, two of the source
// 20480: a layer's share is 30720, and the encoder's own keys and values lie behind
// the decoder's three, where each of its layers overwrites those of the one before.

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// CHECK-LABEL: func @words_encode
// CHECK-SAME:    kernel.cache_bytes = 112640 : i64, kernel.context = 80 : i64
// CHECK-SAME:    kernel.output_dim = 8 : i64, kernel.outputs = #kernel<count outputs>, kernel.rows = 512 : i64
// CHECK:         %[[OWN:.+]] = arith.constant 92160 : index
// CHECK:         %[[MEMORY:.+]] = scf.for
// CHECK:           kernel.map {{.+}} slot %[[SLOT:.+]] attributes {{.+}}target = #kernel.to<keys>
// CHECK:           kernel.attention {{.+}}mask = #kernel.mask<none>
// CHECK:         scf.for %[[I:.+]] = %{{.+}} to %{{.+}} step %{{.+}} {
// CHECK:           %[[BYTES:.+]] = arith.constant 30720 : index
// CHECK:           %[[MOVED:.+]] = arith.muli %[[I]], %[[BYTES]]
// CHECK:           %[[BASE:.+]] = arith.addi %{{.+}}, %[[MOVED]]
// CHECK:           kernel.weight {{.+}}decoder.layers.{i}.key.weight
// CHECK:           %[[K:.+]] = kernel.matmul rows of %{{.+}}(%[[MEMORY]] : tensor<512x8xf32>)
// CHECK:           %[[BEHIND:.+]] = arith.constant 10240 : index
// CHECK:           %[[AT:.+]] = arith.addi %[[BASE]], %[[BEHIND]]
// CHECK:           kernel.map rows of %{{.+}}(%[[K]] : tensor<512x8xf32>) slot %[[AT]]
// CHECK-SAME:      target = #kernel.to<keys>
// CHECK:           kernel.map rows of %{{.+}}(%[[MEMORY]] : tensor<512x8xf32>) slot %[[AT]]
// CHECK-SAME:      target = #kernel.to<values>
// CHECK:         kernel.gather %{{.+}}(%[[MEMORY]] : tensor<512x8xf32>)

// The decoder's step has no maps of the source; it looks where they are.

// CHECK-LABEL: func @words_step
// CHECK-SAME:    kernel.cache_bytes = 92160 : i64, kernel.causal, kernel.context = 16 : i64
// CHECK-NOT:     key.weight
// CHECK:         kernel.attention {{.+}}mask = #kernel.mask<causal>
// CHECK:         kernel.attention {{.+}} slot %[[CROSS:.+]] into
// CHECK-SAME:    cache = #kernel.cache<blocks = 2, kvHeads = 2, headDim = 4, valueDim = 4>
// CHECK-SAME:    mask = #kernel.mask<source>
func.func @words_encoder(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 80 : i64, transformer.vocab = 64 : i64} {
  %table = transformer.weight "encoder.embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %zero = arith.constant 0 : index
  %two = arith.constant 2 : index
  %one = arith.constant 1 : index
  %y = scf.for %i = %zero to %two step %one iter_args(%in = %x) -> (tensor<?x8xf32>) {
    %a = transformer.attention none %in, %in, %in, %rows heads = 2 kv_heads = 2 scale = 0.5
        : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
    scf.yield %a : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}
func.func @words(%rows: !transformer.rows, %tokens: tensor<?xi32>,
                 %source: !transformer.rows, %memory: tensor<?x8xf32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.vocab = 64 : i64,
                transformer.causal, transformer.encoder = @words_encoder} {
  %table = transformer.weight "decoder.embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %zero = arith.constant 0 : index
  %three = arith.constant 3 : index
  %one = arith.constant 1 : index
  %y = scf.for %i = %zero to %three step %one iter_args(%in = %x) -> (tensor<?x8xf32>) {
    %a = transformer.attention causal %in, %in, %in, %rows heads = 2 kv_heads = 2 scale = 0.5
        : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
    %wk = transformer.weight "decoder.layers.{i}.key.weight"[%i] : tensor<8x8xf32>
    %k = transformer.linear %memory, %wk : tensor<?x8xf32>, tensor<8x8xf32>
    %c = transformer.cross_attention %a, %k, %memory, %rows, %source heads = 2 kv_heads = 2
        scale = 0.5 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
    scf.yield %c : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

}
