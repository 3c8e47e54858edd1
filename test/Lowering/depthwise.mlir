// RUN: transformer-opt %s --lower-to-kernel -split-input-file -verify-diagnostics | FileCheck %s

// The kernel reads the rows that windows see, which no other kernel puts side by
// side; what follows works on the step of its rows. Panels have 32 columns.

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// CHECK-LABEL: func @halved_step(
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step)
// CHECK:         %[[MADE:.+]] = kernel.unfolded_step %[[STEP]]
// CHECK:         %[[X:.+]] = kernel.matmul rows of %[[STEP]](
// CHECK-NOT:     kernel.unfold{{ }}
// CHECK:         %[[W:.+]] = kernel.weight [#kernel.part<origin = tensor, name = "conv.weight", rows = 40, cols = 9>]
// CHECK-SAME:      memref<2x9x32xf32>
// CHECK:         %[[Y:.+]] = kernel.depthwise of %[[STEP]] to %[[MADE]](%[[X]] : tensor<512x40xf32>) by(%[[W]] : memref<2x9x32xf32>) bias(
// CHECK-SAME:      windows <size = 3, stride = 2, pad = 1, lines = 7, columns = 9, skip = 0>
// CHECK-SAME:      into(%{{.+}} : tensor<160x40xf32>)
// CHECK-SAME:      schedule = #kernel.schedule<rows = 4, vectors = 2, lanes = 16>
// CHECK:         kernel.map rows of %[[MADE]](%[[Y]] : tensor<160x40xf32>)
func.func @halved(%rows: !transformer.rows, %images: tensor<?x1x7x9xf32>) -> tensor<?x40xf32>
    attributes {transformer.context = 63 : i64} {
  %p = transformer.patches %images size = 1 : tensor<?x1x7x9xf32>
  %v = transformer.weight "patch.weight" : tensor<40x1xf32>
  %x = transformer.linear %p, %v : tensor<?x1xf32>, tensor<40x1xf32>
  %u, %half = transformer.unfold rows %x, %rows size = 3 stride = 2 pad = 1 grid = [7, 9]
      : tensor<?x40xf32>
  %w = transformer.weight "conv.weight" : tensor<40x9xf32>
  %b = transformer.weight "conv.bias" : tensor<40xf32>
  %y = transformer.depthwise %u, %w bias %b : tensor<?x360xf32>, tensor<40x9xf32>, tensor<40xf32>
  %z = transformer.activation relu %y : tensor<?x40xf32>
  %o = transformer.outputs %z, %half : tensor<?x40xf32>
  return %o : tensor<?x40xf32>
}

}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v3", features = "", lanes = 8, matmul = [4, 3], gated = [3, 4],
    attention = [3, 4]>} {

func.func @stored(%rows: !transformer.rows, %reals: tensor<?x40xf32>) -> tensor<?x40xf32>
    attributes {transformer.context = 63 : i64} {
  %x = transformer.input %reals : tensor<?x40xf32>
  %u, %same = transformer.unfold rows %x, %rows size = 3 stride = 1 pad = 1 : tensor<?x40xf32>
  %w = transformer.weight "conv.weight" {format = #transformer.format<bf16>} : tensor<40x3xf32>
  // expected-error @below {{is stored as bf16 but weighs vectors of f32}}
  %y = transformer.depthwise %u, %w : tensor<?x120xf32>, tensor<40x3xf32>
  %o = transformer.outputs %y, %rows : tensor<?x40xf32>
  return %o : tensor<?x40xf32>
}

}
