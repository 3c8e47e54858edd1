// RUN: transformer-opt %s --lower-to-kernel | FileCheck %s
// RUN: sed 's/module attributes {/module attributes {kernel.compute = #kernel.format<bf16>, /' %s | transformer-opt --lower-to-kernel | FileCheck %s --check-prefix=PAIRS

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "znver5", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4], integers = <vpdpbusd, matmul = [4, 3], gated = [3, 4]>, bf16 = unit>} {

// Weights of integers take quantised rows, which linear layers of the same rows
// and format share; the schedule names the instruction.

// CHECK-LABEL: func @integers_step
// CHECK:      %[[X:.+]] = kernel.embed %{{.+}} : memref<2x8x48xf32>)
// CHECK:      %[[W:.+]] = kernel.weight [{{.+}}"a"{{.+}}format = #kernel.format<int8>{{.+}}memref<2x1x408xi32>
// CHECK:      %[[Q:.+]] = kernel.quantise rows of %{{.+}}(%[[X]] : tensor<512x8xf32>) into(%{{.+}} : tensor<512x10xi32>) attributes {format = #kernel.format<int8>}
// CHECK:      kernel.matmul rows of %{{.+}}(%[[Q]] : tensor<512x10xi32>) by(%[[W]]
// CHECK-SAME: schedule = #kernel.schedule<rows = 4, vectors = 3, lanes = 16, dot = <vpdpbusd>>
// CHECK-NOT:  kernel.quantise
// CHECK:      kernel.matmul rows of %{{.+}}(%[[Q]]
// CHECK:      %[[Q4:.+]] = kernel.quantise {{.+}} attributes {format = #kernel.format<int4>}
// CHECK:      kernel.matmul rows of %{{.+}}(%[[Q4]]
func.func @integers(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x50xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %a = transformer.weight "a" {format = #transformer.format<int8>} : tensor<50x8xf32>
  %b = transformer.weight "b" {format = #transformer.format<int8>} : tensor<50x8xf32>
  %c = transformer.weight "c" {format = #transformer.format<int4>} : tensor<50x8xf32>
  %ax = transformer.linear %x, %a : tensor<?x8xf32>, tensor<50x8xf32>
  %bx = transformer.linear %x, %b : tensor<?x8xf32>, tensor<50x8xf32>
  %cx = transformer.linear %x, %c : tensor<?x8xf32>, tensor<50x8xf32>
  %tied = transformer.linear %x, %table : tensor<?x8xf32>, tensor<64x8xf32>
  %ab = arith.addf %ax, %bx : tensor<?x50xf32>
  %abc = arith.addf %ab, %cx : tensor<?x50xf32>
  return %abc : tensor<?x50xf32>
}

// Weights of bf16 take the rows as they are, or pairs if that is how the module
// computes. A table in a format is gathered from panels.

// CHECK-LABEL: func @bf16_step
// CHECK:      %[[X:.+]] = kernel.embed %{{.+}}(%{{.+}} : memref<2x4x48xi32>) {{.+}}format = #kernel.format<bf16>
// CHECK-NOT:  kernel.quantise
// CHECK:      kernel.matmul rows of %{{.+}}(%[[X]] : tensor<512x7xf32>) by(%{{.+}} : memref<2x4x48xi32>)
// CHECK-SAME: schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>

// PAIRS-LABEL: func @bf16_step
// PAIRS:      %[[Q:.+]] = kernel.quantise rows of {{.+}} into(%{{.+}} : tensor<512x4xi32>) attributes {format = #kernel.format<bf16>}
// PAIRS:      kernel.matmul rows of %{{.+}}(%[[Q]] : tensor<512x4xi32>) by(%{{.+}} : memref<2x4x48xi32>)
func.func @bf16(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x50xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" {format = #transformer.format<bf16>} : tensor<64x7xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x7xf32>
  %w = transformer.weight "w" {format = #transformer.format<bf16>} : tensor<50x7xf32>
  %y = transformer.linear %x, %w : tensor<?x7xf32>, tensor<50x7xf32>
  return %y : tensor<?x50xf32>
}

}
