// RUN: transformer-opt %s --lower-to-kernel | FileCheck %s

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// Keys and values go into the cache as those of softmax attention do. One block of 64
// positions holds 8 x 64 keys and 64 x 16 values: 6144 bytes. The mean of the best rows
// is a sum of ones, divided.

// CHECK-LABEL: func @best_step
// CHECK-SAME: kernel.cache_bytes = 6144 : i64
// CHECK:      target = #kernel.to<keys>
// CHECK:      target = #kernel.to<values>
// CHECK:      kernel.score_attention hard of
// CHECK-SAME: divisor = #kernel.divisor<weights>
// CHECK-SAME: hidden = 1 : i64
func.func @best(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %y = transformer.score_attention hard none %x, %x, %x, %rows heads = 1 kv_heads = 1
      scale = 1.0 but_last : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

}
