// RUN: transformer-opt %s --lower-to-kernel | FileCheck %s

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// The step function of a causal model: 512 rows at once, its result in the caller's
// output, the cache counted.

// CHECK-LABEL: func @causal_step
// CHECK-SAME:    (%[[STEP:.+]]: !kernel.step) attributes
// CHECK-SAME:    kernel.cache_bytes = 0 : i64
// CHECK-SAME:    kernel.outputs = #kernel<count rows>
// CHECK-SAME:    kernel.rows = 512 : i64
// CHECK:         %[[X:.+]] = kernel.embed %[[STEP]]
// CHECK:         %[[OUTPUT:.+]] = kernel.buffer output of %[[STEP]]
// CHECK:         bufferization.materialize_in_destination %[[X]] in restrict writable %[[OUTPUT]]
func.func @causal(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>

  return %x : tensor<?x8xf32>
}

// Without a causal mask a sequence is whole in one step: a long context needs more
// rows.

// CHECK-LABEL: func @encoder_step
// CHECK-SAME:    kernel.rows = 1024 : i64
// CHECK:         tensor.empty() : tensor<1024x8xf32>
func.func @encoder(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 1024 : i64} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>

  return %x : tensor<?x8xf32>
}

// What is no model stays.

// CHECK-LABEL: func @other(
// CHECK-NEXT:    return
func.func @other() {
  return
}

}
