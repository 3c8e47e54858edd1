// RUN: transformer-opt %s --lower-to-kernel -split-input-file | FileCheck %s

// Two convolutions of stride 2: each makes a step of its own, on which what
// follows works; its positions, the place of its class row, the room of caches and
// the rows that come out are those of the last.

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// CHECK-LABEL: func @stem_step(
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step)
// CHECK-SAME:    kernel.context = 63 : i64
// CHECK-SAME:    kernel.max_outputs = 56 : i64
// CHECK-SAME:    kernel.rows = 512 : i64
// CHECK-SAME:    kernel.rows_made = 7 : i64
// CHECK:         %[[F:.+]] = memref.alloc() : memref<160xi32>
// CHECK:         %[[MADE:.+]] = kernel.unfolded_step %[[STEP]] by <size = 3, stride = 2, pad = 1, lines = 7, columns = 9, skip = 0> tile = 6 into
// CHECK:         %[[LAST:.+]] = kernel.unfolded_step %[[MADE]] by <size = 2, stride = 2, pad = 0, lines = 4, columns = 5, skip = 3> tile = 6 into
// CHECK:         kernel.unfold channels of %[[STEP]] to %[[MADE]](%{{.+}} : tensor<512x4xf32>) {{.+}} firsts(%[[F]] : memref<160xi32>) into(%{{.+}} : tensor<160x36xf32>)
// CHECK:         %[[X:.+]] = kernel.matmul rows of %[[MADE]](
// CHECK:         kernel.unfold columns of %[[MADE]] to %[[LAST]](%[[X]] : tensor<160x4xf32>)
// CHECK:         kernel.prepend %[[LAST]](
// CHECK:         kernel.map rows of %[[LAST]](
// CHECK:         kernel.attention %[[LAST]](
// CHECK-SAME:      cache = #kernel.cache<blocks = 1
// CHECK:         kernel.gather %[[LAST]](
func.func @stem(%rows: !transformer.rows, %images: tensor<?x1x7x9xf32>) -> tensor<?x16xf32>
    attributes {transformer.context = 63 : i64} {
  %p = transformer.patches %images size = 1 : tensor<?x1x7x9xf32>
  %w = transformer.weight "patch.weight" : tensor<4x1xf32>
  %x = transformer.linear %p, %w : tensor<?x1xf32>, tensor<4x1xf32>
  %u, %half = transformer.unfold channels %x, %rows size = 3 stride = 2 pad = 1 grid = [7, 9]
      : tensor<?x4xf32>
  %v = transformer.weight "conv.weight" : tensor<4x36xf32>
  %y = transformer.linear %u, %v : tensor<?x36xf32>, tensor<4x36xf32>
  %m, %last = transformer.unfold columns %y, %half size = 2 stride = 2 pad = 0 grid = [4, 5]
      : tensor<?x4xf32>
  %t = transformer.weight "prepend.weight" : tensor<3x16xf32>
  %z = transformer.prepend %m, %last, %t : tensor<?x16xf32>, tensor<3x16xf32>
  %a = transformer.attention none %z, %z, %z, %last heads = 2 kv_heads = 2 scale = 0.5
      : tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>
  %o = transformer.outputs %a, %last : tensor<?x16xf32>
  return %o : tensor<?x16xf32>
}

// Sequences of any length: as many steps as kinds of rows, and what makes them
// for the caller.

// CHECK-LABEL: func @sequences_step(
// CHECK-SAME:    kernel.max_outputs = 512 : i64
// CHECK-SAME:    kernel.windows = array<i64: 3, 1, 1, 3, 2, 1>
// CHECK-COUNT-1: kernel.unfolded_step
// CHECK:         kernel.unfold channels of %[[STEP:.+]] to %[[STEP]](
// CHECK:         kernel.unfold channels of %[[STEP]] to %{{.+}}(
// CHECK-NOT:     kernel.unfolded_step
func.func @sequences(%rows: !transformer.rows, %reals: tensor<?x4xf32>) -> tensor<?x36xf32>
    attributes {transformer.context = 100 : i64} {
  %x = transformer.input %reals : tensor<?x4xf32>
  %a, %same = transformer.unfold channels %x, %rows size = 3 stride = 1 pad = 1 : tensor<?x4xf32>
  %b, %half = transformer.unfold channels %a, %same size = 3 stride = 2 pad = 1 : tensor<?x12xf32>
  %o = transformer.outputs %b, %half : tensor<?x36xf32>
  return %o : tensor<?x36xf32>
}

}
