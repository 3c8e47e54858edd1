// RUN: transformer-opt %s --lower-to-kernel | FileCheck %s

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// Nobody else reads the rows: they are normalised in place. The offset is added to
// the weight when it is packed.

// CHECK-LABEL: func @in_place_step
// CHECK:      %[[X:.+]] = kernel.embed
// CHECK:      %[[W:.+]] = kernel.weight [{{.+}}"norm.weight", rows = 8, cols = 1, offset = 1.000000e+00 : f64>][]
// CHECK-SAME: memref<192xf32>
// CHECK:      kernel.norm rows of %{{.+}}(%[[X]] : tensor<512x8xf32>) norm(%[[W]] : memref<192xf32>) into(%[[X]] : tensor<512x8xf32>) attributes {norm = #kernel.normalise<kind = rms, eps = 9.99
func.func @in_place(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %w = transformer.weight "norm.weight" : tensor<8xf32>
  %y = transformer.norm rms %x weight %w eps = 1.0e-6 offset = 1.0 : tensor<?x8xf32>, tensor<8xf32>
  return %y : tensor<?x8xf32>
}

// Rows with another reader stay as they are.

// CHECK-LABEL: func @keeps_rows_step
// CHECK:      %[[X:.+]] = kernel.embed
// CHECK:      %[[TO:.+]] = tensor.empty() : tensor<512x8xf32>
// CHECK:      kernel.norm rows of %{{.+}}(%[[X]] : {{.+}}) norm(%{{.+}}, %{{.+}} : memref<192xf32>, memref<192xf32>) into(%[[TO]] : tensor<512x8xf32>)
// CHECK-SAME: kind = layer
func.func @keeps_rows(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %w = transformer.weight "norm.weight" : tensor<8xf32>
  %b = transformer.weight "norm.bias" : tensor<8xf32>
  %n = transformer.norm layer %x weight %w bias %b eps = 1.0e-6 : tensor<?x8xf32>, tensor<8xf32>, tensor<8xf32>
  %y = arith.addf %n, %x : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// Each head by itself.

// CHECK-LABEL: func @heads_step
// CHECK: kernel.norm {{.+}} group = 4>
func.func @heads(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %y = transformer.norm rms %x eps = 1.0e-6 group = 4 : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

}
