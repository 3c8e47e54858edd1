// RUN: transformer-opt %s --lower-to-kernel | FileCheck %s

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// Each repetition has sums of its own in the cache, which does not depend on the context.

// CHECK-LABEL: func @sums_step
// CHECK-SAME: kernel.cache_bytes = 640 : i64
// CHECK-SAME: kernel.recurrent
// CHECK: scf.for
// CHECK: %[[BYTES:.+]] = arith.constant 320 : index
// CHECK: kernel.linear_attention %{{.+}}(%{{.+}}, %{{.+}}, %{{.+}} : tensor<512x8xf32>, tensor<512x4xf32>, tensor<512x5xf32>)
// CHECK-SAME: divisor = #kernel.divisor<weights>, heads = 2 : i64, mask = #kernel.mask<causal>, state = #kernel.state<kvHeads = 1, headDim = 4, valueDim = 5>
func.func @sums(%rows: !transformer.rows, %reals: tensor<?x10xf32>) -> tensor<?x10xf32>
    attributes {transformer.context = 100000 : i64, transformer.causal} {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %two = arith.constant 2 : index
  %x = transformer.input %reals : tensor<?x10xf32>
  %y = scf.for %i = %zero to %two step %one iter_args(%a = %x) -> tensor<?x10xf32> {
    %wq = transformer.weight "layers.{i}.query.weight"[%i] : tensor<8x10xf32>
    %wk = transformer.weight "layers.{i}.key.weight"[%i] : tensor<4x10xf32>
    %wv = transformer.weight "layers.{i}.value.weight"[%i] : tensor<5x10xf32>
    %q = transformer.linear %a, %wq : tensor<?x10xf32>, tensor<8x10xf32>
    %k = transformer.linear %a, %wk : tensor<?x10xf32>, tensor<4x10xf32>
    %v = transformer.linear %a, %wv : tensor<?x10xf32>, tensor<5x10xf32>
    %b = transformer.linear_attention causal rows %q, %k, %v, %rows heads = 2 kv_heads = 1
        : tensor<?x8xf32>, tensor<?x4xf32>, tensor<?x5xf32>
    scf.yield %b : tensor<?x10xf32>
  }
  return %y : tensor<?x10xf32>
}

// The factors of a fixed decay are a vector; decays of the input are rows.

// CHECK-LABEL: func @decays_step
// CHECK: %[[ALL:.+]] = kernel.weight {{.*}}"decay.weight"{{.*}} memref<192xf32>
// CHECK: kernel.linear_attention {{.+}} decay(%[[ALL]] : memref<192xf32>) into
// CHECK: %[[EACH:.+]] = kernel.matmul
// CHECK: kernel.linear_attention {{.+}} decay(%[[EACH]] : tensor<512x2xf32>) into
func.func @decays(%rows: !transformer.rows, %reals: tensor<?x8xf32>) -> tensor<?x8xf32>
    attributes {transformer.context = 100 : i64, transformer.causal} {
  %x = transformer.input %reals : tensor<?x8xf32>
  %all = transformer.weight "decay.weight" : tensor<2xf32>
  %y = transformer.linear_attention causal none %x, %x, %x, %rows decay %all heads = 2 kv_heads = 2
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<2xf32>
  %w = transformer.weight "gates.weight" : tensor<2x8xf32>
  %each = transformer.linear %x, %w : tensor<?x8xf32>, tensor<2x8xf32>
  %z = transformer.linear_attention causal rows %y, %y, %y, %rows decay %each heads = 2 kv_heads = 2
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x2xf32>
  return %z : tensor<?x8xf32>
}

// The share of the delta rule is rows of the step, too.

// CHECK-LABEL: func @corrects_step
// CHECK: %[[SHARE:.+]] = kernel.matmul
// CHECK: kernel.linear_attention {{.+}} delta(%[[SHARE]] : tensor<512x2xf32>) into
func.func @corrects(%rows: !transformer.rows, %reals: tensor<?x8xf32>) -> tensor<?x8xf32>
    attributes {transformer.context = 100 : i64, transformer.causal} {
  %x = transformer.input %reals : tensor<?x8xf32>
  %w = transformer.weight "update.weight" : tensor<2x8xf32>
  %share = transformer.linear %x, %w : tensor<?x8xf32>, tensor<2x8xf32>
  %y = transformer.linear_attention causal none %x, %x, %x, %rows delta %share : tensor<?x2xf32>
      heads = 2 kv_heads = 2 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

}
