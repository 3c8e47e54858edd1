// RUN: transformer-opt %s --lower-to-kernel --fuse-epilogues --merge-matmuls --fuse-norms | FileCheck %s
// RUN: transformer-opt %s --lower-to-kernel --fuse-epilogues --merge-matmuls --lay-out-weights | FileCheck %s --check-prefix=LAYOUT

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "znver5", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4], integers = <vpdpbusd, matmul = [4, 3], gated = [2, 4]>>} {

// LAYOUT: bytes = 3264 : i64, format = #kernel.format<int8>, interleave = 0 : i64, offset = {{[0-9]+}} : i64, panel = 48 : i64, parts = [#kernel.part<origin = tensor, name = "a"
// LAYOUT: bytes = 4352 : i64, format = #kernel.format<int8>, interleave = 32 : i64, offset = {{[0-9]+}} : i64, panel = 64 : i64, parts = [#kernel.part<origin = tensor, name = "gate"

// Matmuls of the same rows and format are merged, those of another format are not:
// a weight is stored in one way.

// CHECK-LABEL: func @formats_step
// CHECK:      %[[W:.+]] = kernel.weight [{{.+}}"a"{{.+}}, {{.+}}"b"{{.+}}format = #kernel.format<int8>{{.+}}memref<2x1x408xi32>
// CHECK-NEXT: kernel.matmul {{.+}} by(%[[W]] : memref<2x1x408xi32>)
// CHECK-SAME: format = #kernel.format<int8>
// CHECK:      kernel.matmul {{.+}} by(%{{.+}} : memref<1x1x216xi32>)
// CHECK-SAME: format = #kernel.format<int4>
func.func @formats(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x40xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %a = transformer.weight "a" {format = #transformer.format<int8>} : tensor<40x8xf32>
  %b = transformer.weight "b" {format = #transformer.format<int8>} : tensor<40x8xf32>
  %c = transformer.weight "c" {format = #transformer.format<int4>} : tensor<40x8xf32>
  %ax = transformer.linear %x, %a : tensor<?x8xf32>, tensor<40x8xf32>
  %bx = transformer.linear %x, %b : tensor<?x8xf32>, tensor<40x8xf32>
  %cx = transformer.linear %x, %c : tensor<?x8xf32>, tensor<40x8xf32>
  %d = transformer.weight "d" : tensor<40x40xf32>
  %dax = transformer.linear %ax, %d : tensor<?x40xf32>, tensor<40x40xf32>
  %ab = arith.addf %dax, %bx : tensor<?x40xf32>
  %abc = arith.addf %ab, %cx : tensor<?x40xf32>
  return %abc : tensor<?x40xf32>
}

// Gate and up of integers have the machine's tile for that, in panels of 4 x 16.
// The norm before is not the matmul's: its rows are quantised first.

// CHECK-LABEL: func @gated_step
// CHECK:      %[[N:.+]] = kernel.norm
// CHECK:      %[[Q:.+]] = kernel.quantise rows of %{{.+}}(%[[N]]
// CHECK:      %[[W:.+]] = kernel.weight [{{.+}}"gate"{{.+}}, {{.+}}"up"{{.+}}format = #kernel.format<int8>, interleave = 32 : i64, panel = 64 : i64{{.+}}memref<2x1x544xi32>
// CHECK-NEXT: kernel.matmul rows of %{{.+}}(%[[Q]] : {{.+}} by(%[[W]] : memref<2x1x544xi32>)
// CHECK-SAME: accumulators = 2 : i64
// CHECK-SAME: schedule = #kernel.schedule<rows = 2, vectors = 4, lanes = 16, dot = <vpdpbusd>>
func.func @gated(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x40xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %n = transformer.norm rms %x eps = 1.0e-6 : tensor<?x8xf32>
  %gate = transformer.weight "gate" {format = #transformer.format<int8>} : tensor<40x8xf32>
  %up = transformer.weight "up" {format = #transformer.format<int8>} : tensor<40x8xf32>
  %g = transformer.linear %n, %gate : tensor<?x8xf32>, tensor<40x8xf32>
  %u = transformer.linear %n, %up : tensor<?x8xf32>, tensor<40x8xf32>
  %y = arith.mulf %g, %u : tensor<?x40xf32>
  return %y : tensor<?x40xf32>
}

}
