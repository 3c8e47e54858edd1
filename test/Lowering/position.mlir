// RUN: transformer-opt %s --lower-to-kernel | FileCheck %s

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// Learned positions are added from the table, by position.

// CHECK-LABEL: func @learned_step
// CHECK:      %[[X:.+]] = kernel.embed
// CHECK-NEXT: %[[TABLE:.+]] = kernel.weight [{{.+}}name = "position.weight", rows = 16, cols = 8>]
// CHECK:      kernel.map rows of %{{.+}}(%[[X]] : tensor<512x8xf32>) with(%[[TABLE]] : memref<16x8xf32>)
// CHECK-SAME: accesses = [#kernel.access<positions>]
// CHECK-NEXT: ^bb0(%[[E:.+]]: f32, %[[P:.+]]: f32):
// CHECK-NEXT: %[[SUM:.+]] = arith.addf %[[E]], %[[P]]
// CHECK-NEXT: kernel.yield %[[SUM]]
func.func @learned(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %p = transformer.weight "position.weight" : tensor<16x8xf32>
  %y = transformer.position %x, %rows, %p : tensor<?x8xf32>, tensor<16x8xf32>
  return %y : tensor<?x8xf32>
}

// Sinusoids are a generated table, one row for each position of the context.

// CHECK-LABEL: func @sinusoidal_step
// CHECK: kernel.weight [#kernel.part<origin = sinusoid, name = "", rows = 32, cols = 8>]
// CHECK-SAME: memref<32x8xf32>
func.func @sinusoidal(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 32 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %y = transformer.position %x, %rows : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// Counted from 1, all sines before all cosines, the last frequency 1/10000.

// CHECK-LABEL: func @counted_step
// CHECK: kernel.weight [#kernel.part<origin = sinusoid_halves, name = "", rows = 32, cols = 8,
// CHECK-SAME: offset = 1.000000e+00 : f64
// CHECK-SAME: frequencies = [1.000000e+00, 4.641589e-02, 2.154435e-03, 1.000000e-04]
func.func @counted(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 32 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %y = transformer.position %x, %rows halves inclusive first = 1 : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

}
