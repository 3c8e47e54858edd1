// RUN: transformer-opt %s -split-input-file -verify-diagnostics --lower-to-kernel | FileCheck %s

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// All works on a copy of the step. A repetition begins with who is left of the one
// before, and so does what follows the loop; scores are made of the rows before
// they move. The last sequences leave by the model's own result.

// CHECK-LABEL: func @early_step
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step
// CHECK-SAME:    kernel.outputs = #kernel<count sequences>
// CHECK:      %[[COPY:.+]] = kernel.unfolded_step %[[STEP]] by <size = 1, stride = 1, pad = 0, lines = 0, columns = 0, skip = 0> tile = 6
// CHECK:      %[[LEFT:.+]] = memref.alloc() : memref<515xi32>
// CHECK:      kernel.remain_all %[[COPY]] in(%[[LEFT]]
// CHECK:      %[[X:.+]] = kernel.map rows of %[[COPY]]
// CHECK:      %[[LAST:.+]] = scf.for %{{.+}} iter_args(%[[ROWS:.+]] = %[[X]])
// CHECK:        %[[NOW:.+]] = kernel.remaining_step %[[COPY]] of(%[[LEFT]]
// CHECK:        %[[FIRST:.+]] = kernel.pool first of %[[NOW]](%[[ROWS]]
// CHECK:        %[[SCORES:.+]] = kernel.matmul sequences of %[[NOW]](%[[FIRST]]
// CHECK:        %[[MOVED:.+]] = kernel.leave %[[NOW]](%[[SCORES]] : tensor<512x2xf32>) of(%[[LEFT]] : memref<515xi32>) into(%[[ROWS]] : tensor<512x8xf32>) attributes {above = 9.000000e-01 : f64, tile = 6 : i64}
// CHECK:        %[[BEHIND:.+]] = kernel.remaining_step %[[COPY]] of(%[[LEFT]]
// CHECK:        %[[MORE:.+]] = kernel.map rows of %[[BEHIND]](%[[MOVED]]
// CHECK:        scf.yield %[[MORE]]
// CHECK:      %[[END:.+]] = kernel.remaining_step %[[COPY]] of(%[[LEFT]]
// CHECK:      %[[MEAN:.+]] = kernel.pool mean of %[[END]](%[[LAST]]
// CHECK:      %[[RESULT:.+]] = kernel.matmul sequences of %[[END]](%[[MEAN]]
// CHECK:      kernel.leave %[[END]](%[[RESULT]] : tensor<512x2xf32>) of(%[[LEFT]] : memref<515xi32>) attributes {tile = 6 : i64}
// CHECK-NOT:  materialize_in_destination
// CHECK:      return
func.func @early(%rows: !transformer.rows, %reals: tensor<?x8xf32>) -> tensor<?x2xf32>
    attributes {transformer.context = 16 : i64} {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %two = arith.constant 2 : index
  %w = transformer.weight "w" : tensor<2x8xf32>
  %x = transformer.input %reals : tensor<?x8xf32>
  %y = scf.for %i = %zero to %two step %one iter_args(%a = %x) -> tensor<?x8xf32> {
    %first = transformer.pool first %a, %rows : tensor<?x8xf32>
    %scores = transformer.linear %first, %w : tensor<?x8xf32>, tensor<2x8xf32>
    %b = transformer.exit %a, %scores, %rows above = 0.9 : tensor<?x8xf32>, tensor<?x2xf32>
    %c = transformer.activation relu %b : tensor<?x8xf32>
    scf.yield %c : tensor<?x8xf32>
  }
  %mean = transformer.pool mean %y, %rows : tensor<?x8xf32>
  %r = transformer.linear %mean, %w : tensor<?x8xf32>, tensor<2x8xf32>
  return %r : tensor<?x2xf32>
}

}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

func.func @across(%rows: !transformer.rows, %reals: tensor<?x8xf32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64} {
  %x = transformer.input %reals : tensor<?x8xf32>
  %first = transformer.pool first %x, %rows : tensor<?x8xf32>
  %y = transformer.exit %x, %first, %rows above = 0.9 : tensor<?x8xf32>, tensor<?x8xf32>
  // expected-error @below {{reads rows of before an exit}}
  %z = arith.addf %y, %x : tensor<?x8xf32>
  %r = transformer.pool first %z, %rows : tensor<?x8xf32>
  return %r : tensor<?x8xf32>
}

}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

func.func @types(%rows: !transformer.rows, %reals: tensor<?x8xf32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64} {
  %x = transformer.input %reals : tensor<?x8xf32>
  %first = transformer.pool first %x, %rows : tensor<?x8xf32>
  %y = transformer.exit %x, %first, %rows above = 0.9 : tensor<?x8xf32>, tensor<?x8xf32>
  %w = transformer.weight "types.weight" : tensor<2x8xf32>
  // expected-error @below {{reads what the caller gives behind an exit}}
  %z = transformer.types %y, %rows, %w : tensor<?x8xf32>, tensor<2x8xf32>
  %r = transformer.pool first %z, %rows : tensor<?x8xf32>
  return %r : tensor<?x8xf32>
}

}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

func.func @tapped(%rows: !transformer.rows, %reals: tensor<?x8xf32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64} {
  %x = transformer.input %reals : tensor<?x8xf32>
  // expected-error @below {{is in a model with exits, which is not supported yet}}
  %t = transformer.tap "stream" %x : tensor<?x8xf32>
  %first = transformer.pool first %t, %rows : tensor<?x8xf32>
  %y = transformer.exit %t, %first, %rows above = 0.9 : tensor<?x8xf32>, tensor<?x8xf32>
  %r = transformer.pool first %y, %rows : tensor<?x8xf32>
  return %r : tensor<?x8xf32>
}

}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

func.func @all_rows(%rows: !transformer.rows, %reals: tensor<?x8xf32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64} {
  %x = transformer.input %reals : tensor<?x8xf32>
  // expected-error @below {{has scores that are not one row of each sequence}}
  %y = transformer.exit %x, %x, %rows above = 0.9 : tensor<?x8xf32>, tensor<?x8xf32>
  %r = transformer.pool first %y, %rows : tensor<?x8xf32>
  return %r : tensor<?x8xf32>
}

}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

func.func @narrow(%rows: !transformer.rows, %reals: tensor<?x8xf32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64} {
  %x = transformer.input %reals : tensor<?x8xf32>
  %w = transformer.weight "w" : tensor<2x8xf32>
  %first = transformer.pool first %x, %rows : tensor<?x8xf32>
  %scores = transformer.linear %first, %w : tensor<?x8xf32>, tensor<2x8xf32>
  // expected-error @below {{has scores of width 2, the model returns rows of 8}}
  %y = transformer.exit %x, %scores, %rows above = 0.9 : tensor<?x8xf32>, tensor<?x2xf32>
  %r = transformer.pool first %y, %rows : tensor<?x8xf32>
  return %r : tensor<?x8xf32>
}

}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

func.func @pieces(%rows: !transformer.rows, %reals: tensor<?x8xf32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %x = transformer.input %reals : tensor<?x8xf32>
  %first = transformer.pool first %x, %rows : tensor<?x8xf32>
  // expected-error @below {{is in a causal model, whose sequences may come in pieces}}
  %y = transformer.exit %x, %first, %rows above = 0.9 : tensor<?x8xf32>, tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// expected-error @below {{has exits, but does not return one row of each sequence}}
func.func @unpooled(%rows: !transformer.rows, %reals: tensor<?x8xf32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64} {
  %x = transformer.input %reals : tensor<?x8xf32>
  %first = transformer.pool first %x, %rows : tensor<?x8xf32>
  %y = transformer.exit %x, %first, %rows above = 0.9 : tensor<?x8xf32>, tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

}
