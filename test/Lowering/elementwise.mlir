// RUN: transformer-opt %s --lower-to-kernel | FileCheck %s

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// x / (1 + exp(-x)).

// CHECK-LABEL: func @silu_step
// CHECK:      ^bb0(%[[X:.+]]: f32):
// CHECK:      %[[MINUS:.+]] = arith.mulf %[[X]], %{{.+}}
// CHECK-NEXT: %[[EXP:.+]] = math.exp %[[MINUS]]
// CHECK:      %[[SUM:.+]] = arith.addf %[[EXP]], %{{.+}}
// CHECK-NEXT: %[[Y:.+]] = arith.divf %[[X]], %[[SUM]]
// CHECK-NEXT: kernel.yield %[[Y]]
func.func @silu(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %y = transformer.activation silu %x : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// x/2 (1 + erf(x / sqrt 2)).

// CHECK-LABEL: func @gelu_step
// CHECK: arith.constant 0.707106769
// CHECK: math.erf
// CHECK: arith.constant 5.000000e-01
func.func @gelu(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %y = transformer.activation gelu %x : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// x/2 (1 + tanh u) = x / (1 + exp(-2u)): one exp and no tanh.

// CHECK-LABEL: func @gelu_tanh_step
// CHECK: arith.constant 4.471500e-02
// CHECK-NOT: math.tanh
// CHECK: math.exp
// CHECK: arith.divf
func.func @gelu_tanh(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %y = transformer.activation gelu_tanh %x : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// min(x, 0) - 2 artanh(s), s = e / (2 + e), e = exp(-|x|): a series of eight terms.

// CHECK-LABEL: func @log_sigmoid_step
// CHECK:      ^bb0(%[[X:.+]]: f32):
// CHECK:      %[[MINUS:.+]] = arith.mulf %[[X]], %{{.+}}
// CHECK:      %[[EXP:.+]] = math.exp
// CHECK:      arith.addf %[[EXP]]
// CHECK:      %[[S:.+]] = arith.divf %[[EXP]]
// CHECK:      arith.mulf %[[S]], %[[S]]
// CHECK-NOT:  math.log
// CHECK:      kernel.yield
func.func @log_sigmoid(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %y = transformer.activation log_sigmoid %x : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// The square of what is above zero.

// CHECK-LABEL: func @relu2_step
// CHECK:      %[[RELU:.+]] = arith.select
// CHECK-NEXT: arith.mulf %[[RELU]], %[[RELU]]
func.func @relu2(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %y = transformer.activation relu2 %x : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// Each column by its own number.

// CHECK-LABEL: func @gain_step
// CHECK:      %[[W:.+]] = kernel.weight [{{.+}}"scale.weight", rows = 8, cols = 1>]
// CHECK:      kernel.map rows of %{{.+}}(%{{.+}}) with(%[[W]] : memref<192xf32>)
// CHECK-SAME: accesses = [#kernel.access<columns>]
// CHECK:      arith.mulf
func.func @gain(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %w = transformer.weight "scale.weight" : tensor<8xf32>
  %y = transformer.gain %x, %w : tensor<?x8xf32>, tensor<8xf32>
  return %y : tensor<?x8xf32>
}

// cap tanh(x / cap).

// CHECK-LABEL: func @softcap_step
// CHECK: arith.constant 2.500000e-01
// CHECK: math.tanh
// CHECK: arith.constant 4.000000e+00
func.func @softcap(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %y = transformer.softcap %x at 4.0 : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// A factor, and a sum of rows element by element.

// CHECK-LABEL: func @scaled_sum_step
// CHECK:      %[[A:.+]] = kernel.map
// CHECK:      arith.mulf
// CHECK:      kernel.map rows of %{{.+}}(%{{.+}}) with(%[[A]] : tensor<512x8xf32>)
// CHECK-SAME: accesses = [#kernel.access<elements>]
// CHECK:      arith.addf
func.func @scaled_sum(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %a = transformer.scale %x by 0.5 : tensor<?x8xf32>
  %y = arith.addf %x, %a : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

}
