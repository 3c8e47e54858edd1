// RUN: transformer-opt %s --lower-to-kernel | FileCheck %s

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// A repeated block is lowered once: its weights are named by the loop variable, its
// share of the cache moves by 10240 bytes a repetition.

// CHECK-LABEL: func @layers_step
// CHECK-SAME:    kernel.cache_bytes = 30720 : i64
// CHECK:         scf.for %[[I:.+]] = %{{.+}} to %{{.+}} step %{{.+}} iter_args(%[[IN:.+]] = %{{.+}}) -> (tensor<512x8xf32>)
// CHECK-DAG:       %[[BYTES:.+]] = arith.constant 10240 : index
// CHECK-DAG:       %[[MOVED:.+]] = arith.muli %[[I]], %[[BYTES]]
// CHECK:           %[[BASE:.+]] = arith.addi %{{.+}}, %[[MOVED]]
// CHECK:           kernel.weight [{{.+}}"layers.{i}.query.weight"{{.+}}][%[[I]]]
// CHECK-SAME:      repeats = array<i64: 3>
// CHECK:           %[[SLOT:.+]] = arith.addi %[[BASE]], %{{.+}}
// CHECK:           %[[OUT:.+]] = kernel.attention {{.+}} slot %[[SLOT]]
// CHECK:           scf.yield %[[OUT]]
// CHECK-NOT:     kernel.attention
// CHECK:         return
func.func @layers(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %first = arith.constant 0 : index
  %end = arith.constant 3 : index
  %one = arith.constant 1 : index
  %y = scf.for %i = %first to %end step %one iter_args(%in = %x) -> (tensor<?x8xf32>) {
    %w = transformer.weight "layers.{i}.query.weight"[%i] : tensor<8x8xf32>
    %q = transformer.linear %in, %w : tensor<?x8xf32>, tensor<8x8xf32>
    %a = transformer.attention causal %q, %in, %in, %rows heads = 2 kv_heads = 2 scale = 0.5
        : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
    scf.yield %a : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

// Of two loops the inner one comes first, as in the names.

// CHECK-LABEL: func @stages_step
// CHECK: scf.for %[[J:[^ ]+]] =
// CHECK: scf.for %[[I:[^ ]+]] =
// CHECK: kernel.weight [{{.+}}"stages.{j}.layers.{i}.weight"{{.+}}][%[[I]], %[[J]]]
// CHECK-SAME: repeats = array<i64: 3, 2>
func.func @stages(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %first = arith.constant 0 : index
  %two = arith.constant 2 : index
  %three = arith.constant 3 : index
  %one = arith.constant 1 : index
  %y = scf.for %j = %first to %two step %one iter_args(%outer = %x) -> (tensor<?x8xf32>) {
    %inner = scf.for %i = %first to %three step %one iter_args(%in = %outer) -> (tensor<?x8xf32>) {
      %w = transformer.weight "stages.{j}.layers.{i}.weight"[%i, %j] : tensor<8x8xf32>
      %q = transformer.linear %in, %w : tensor<?x8xf32>, tensor<8x8xf32>
      scf.yield %q : tensor<?x8xf32>
    }
    scf.yield %inner : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

}
