// RUN: transformer-opt %s --pass-pipeline='builtin.module(func.func(name-kernels))' | FileCheck %s

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// A matmul is named after its tensors, without the numbers of repetitions:
// what they have in common, then where they differ. Attention has the name of
// the layer that its queries come from, whatever its scores are biased by.

// CHECK-LABEL: func @names_by_weights(
// CHECK: kernel.matmul {{.*}}kernel.name = "layers.attention.query+key"
// CHECK: kernel.attention {{.*}}kernel.name = "layers.attention"
// CHECK: kernel.matmul {{.*}}kernel.name = "layers.attention.output"
func.func @names_by_weights(%step: !kernel.step, %x: tensor<512x48xf32>, %i: index, %slot: index) -> tensor<512x48xf32> {
  %e = tensor.empty() : tensor<512x48xf32>
  %qk = kernel.weight [#kernel.part<origin = tensor, name = "layers.{i}.attention.query.weight", rows = 48, cols = 48>,
                       #kernel.part<origin = tensor, name = "layers.{i}.attention.key.weight", rows = 48, cols = 48>]
    [%i] {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64} : memref<2x48x48xf32>
  %o = kernel.weight [#kernel.part<origin = tensor, name = "layers.{i}.attention.output.weight", rows = 48, cols = 48>]
    [%i] {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64} : memref<1x48x48xf32>
  %q = kernel.matmul rows of %step(%x : tensor<512x48xf32>) by (%qk : memref<2x48x48xf32>)
      slot %slot into (%e : tensor<512x48xf32>)
      attributes {columns = array<i64: 48, 48>, targets = [#kernel.to<rows>, #kernel.to<keys>], accesses = [],
                  cache = #kernel.cache<blocks = 16, kvHeads = 3, headDim = 16, valueDim = 16>,
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }, {
  ^bb0(%acc: f32):
    kernel.yield %acc
  } -> tensor<512x48xf32>
  %b = kernel.weight [#kernel.part<origin = buckets, name = "layers.{i}.attention.relative.weight", rows = 3, cols = 40,
                      distances = <zero = 20, buckets = 4, reach = 8>>]
    [%i] {panel = 0 : i64, align = 1 : i64, interleave = 0 : i64} : memref<3x40xf32>
  %a = kernel.attention %step(%q : tensor<512x48xf32>) slot %slot bias (%b : memref<3x40xf32>)
      into (%e : tensor<512x48xf32>)
      attributes {heads = 3 : i64, zero = 20 : i64, mask = #kernel.mask<causal>, scale = 2.5e-01 : f64,
                  cache = #kernel.cache<blocks = 16, kvHeads = 3, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>} -> tensor<512x48xf32>
  %y = kernel.matmul rows of %step(%a : tensor<512x48xf32>) by (%o : memref<1x48x48xf32>)
      into (%e : tensor<512x48xf32>)
      attributes {columns = array<i64: 48>, targets = [#kernel.to<rows>], accesses = [],
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  } -> tensor<512x48xf32>
  return %y : tensor<512x48xf32>
}

// A matmul by the table of an embedding makes logits. What has no weights is
// named after the op; a name that is taken gets a number.

// CHECK-LABEL: func @names_what_shares_weights(
// CHECK: kernel.embed {{.*}}kernel.name = "embed"
// CHECK: kernel.gather {{.*}}kernel.name = "gather"
// CHECK: kernel.gather {{.*}}kernel.name = "gather_2"
// CHECK: kernel.matmul {{.*}}kernel.name = "logits"
func.func @names_what_shares_weights(%step: !kernel.step) -> tensor<512x48xf32> {
  %e = tensor.empty() : tensor<512x48xf32>
  %table = kernel.weight [#kernel.part<origin = tensor, name = "embed.weight", rows = 48, cols = 48>]
    [] {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64} : memref<1x48x48xf32>
  %x = kernel.embed %step(%table : memref<1x48x48xf32>) into (%e : tensor<512x48xf32>)
      attributes {scale = 1.0 : f64} -> tensor<512x48xf32>
  %f = kernel.gather %step(%x : tensor<512x48xf32>) into (%e : tensor<512x48xf32>)
      attributes {} -> tensor<512x48xf32>
  %g = kernel.gather %step(%f : tensor<512x48xf32>) into (%e : tensor<512x48xf32>)
      attributes {} -> tensor<512x48xf32>
  %y = kernel.matmul outputs of %step(%g : tensor<512x48xf32>) by (%table : memref<1x48x48xf32>)
      into (%e : tensor<512x48xf32>)
      attributes {columns = array<i64: 48>, targets = [#kernel.to<rows>], accesses = [],
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  } -> tensor<512x48xf32>
  return %y : tensor<512x48xf32>
}
}
