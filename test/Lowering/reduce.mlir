// RUN: transformer-opt %s --lower-to-kernel | FileCheck %s

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// Keys and values of rows that windows on the grid make: they go into the cache
// by the step of these rows, and queries see them as a source. All repetitions
// share the steps.

// CHECK-LABEL: func @spatial_step(
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step)
// CHECK:         %[[MADE:.+]] = kernel.unfolded_step %[[STEP]] by <size = 2, stride = 2, pad = 0, lines = 4, columns = 6, skip = 0>
// CHECK-NEXT:    %[[SEEN:.+]] = kernel.source_step %[[STEP]] of %[[MADE]]
// CHECK:         scf.for
// CHECK:           kernel.unfold channels of %[[STEP]] to %[[MADE]](
// CHECK:           kernel.matmul rows of %[[MADE]](
// CHECK:           kernel.map rows of %[[MADE]]({{.+}}target = #kernel.to<keys>
// CHECK:           kernel.map rows of %[[MADE]]({{.+}}target = #kernel.to<values>
// CHECK:           kernel.attention %[[SEEN]](
// CHECK-SAME:        mask = #kernel.mask<source>
// CHECK:           scf.yield
// CHECK-NOT:     kernel.unfolded_step
// CHECK-NOT:     kernel.max_sequences
func.func @spatial(%rows: !transformer.rows, %images: tensor<?x8x4x6xf32>) -> tensor<?x8xf32>
    attributes {transformer.context = 24 : i64} {
  %x = transformer.patches %images size = 1 : tensor<?x8x4x6xf32>
  %w = transformer.weight "reduce.weight" : tensor<8x32xf32>
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %three = arith.constant 3 : index
  %r = scf.for %i = %zero to %three step %one iter_args(%y = %x) -> tensor<?x8xf32> {
    %u, %made = transformer.unfold channels %y, %rows size = 2 stride = 2 pad = 0 grid = [4, 6]
        : tensor<?x8xf32>
    %k = transformer.linear %u, %w : tensor<?x32xf32>, tensor<8x32xf32>
    %z = transformer.cross_attention %y, %k, %k, %rows, %made heads = 2 kv_heads = 2 scale = 0.5
        : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
    scf.yield %z : tensor<?x8xf32>
  }
  return %r : tensor<?x8xf32>
}

// Mixtures are as many for each sequence, however short it is: a step has no
// more sequences than there is room for.

// CHECK-LABEL: func @mixtures_step(
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step)
// CHECK-SAME:    kernel.max_sequences = 128 : i64
// CHECK:         %[[MADE:.+]] = kernel.unfolded_step %[[STEP]] by <size = 1, stride = 1, pad = 0, lines = 4, columns = 1, skip = 0>
// CHECK:         kernel.mix %[[STEP]] to %[[MADE]](
func.func @mixtures(%rows: !transformer.rows, %reals: tensor<?x8xf32>) -> tensor<?x8xf32>
    attributes {transformer.context = 100 : i64} {
  %x = transformer.input %reals : tensor<?x8xf32>
  %w = transformer.weight "reduce.weight" : tensor<4x100xf32>
  %k, %made = transformer.mix %x, %rows, %w : tensor<?x8xf32>, tensor<4x100xf32>
  %z = transformer.cross_attention %x, %k, %k, %rows, %made heads = 2 kv_heads = 2 scale = 0.5
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return %z : tensor<?x8xf32>
}

}
