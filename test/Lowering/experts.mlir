// RUN: transformer-opt %s --lower-to-kernel | FileCheck %s

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// Lists of rows, zeros for the sum; then for each expert its rows as a step of
// their own, on which kernels work as ever, and their way back.

// CHECK-LABEL: func @mixture_step
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step
// CHECK:      %[[X:.+]] = kernel.embed
// CHECK:      %[[S:.+]] = kernel.matmul rows of %[[STEP]](%[[X]]
// CHECK:      %[[G:.+]] = kernel.route softmax rows of %[[STEP]](%[[S]] : tensor<512x3xf32>) {{.+}}topK = 2
// CHECK:      %[[L:.+]] = kernel.list_rows rows of %[[STEP]](%[[G]] : tensor<512x3xf32>) into(%{{.+}} : tensor<3x513xi32>)
// CHECK:      %[[ZERO:.+]] = kernel.map rows of %[[STEP]](%[[X]]
// CHECK:      %[[Y:.+]] = scf.for %[[E:.+]] = %{{.+}} to %{{.+}} iter_args(%[[SUM:.+]] = %[[ZERO]])
// CHECK:        tensor.extract %[[L]][%[[E]],
// CHECK:        %[[PART:.+]] = kernel.chosen_step %{{.+}} of %[[STEP]]
// CHECK:        %[[ROWS:.+]] = kernel.take_rows %[[PART]](%[[X]] : tensor<512x8xf32>) by(%[[L]] : tensor<3x513xi32>) of %[[E]]
// CHECK:        kernel.weight [{{.+}}"experts.{i}.weight"{{.+}}][%[[E]]] {{.+}}repeats = array<i64: 3>
// CHECK:        %[[Z:.+]] = kernel.matmul chosen of %[[PART]](%[[ROWS]]
// CHECK:        %[[MORE:.+]] = kernel.add_rows %[[PART]](%[[Z]] : tensor<512x8xf32>) times(%[[G]] : tensor<512x3xf32>) by(%[[L]] : tensor<3x513xi32>) of %[[E]] into(%[[SUM]] : tensor<512x8xf32>)
// CHECK:        scf.yield %[[MORE]]
// CHECK:      kernel.map rows of %[[STEP]](%[[X]] : tensor<512x8xf32>) with(%[[Y]]
func.func @mixture(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %router = transformer.weight "router.weight" : tensor<3x8xf32>
  %s = transformer.linear %x, %router : tensor<?x8xf32>, tensor<3x8xf32>
  %g = transformer.route softmax %s top_k = 2 normalise : tensor<?x3xf32>
  %y = transformer.experts %x, %g {
  ^bb0(%chosen: tensor<?x8xf32>, %e: index):
    %w = transformer.weight "experts.{i}.weight"[%e] : tensor<8x8xf32>
    %z = transformer.linear %chosen, %w : tensor<?x8xf32>, tensor<8x8xf32>
    transformer.yield %z : tensor<?x8xf32>
  } : tensor<?x8xf32>, tensor<?x3xf32>
  %sum = arith.addf %x, %y : tensor<?x8xf32>
  return %sum : tensor<?x8xf32>
}

}
