// RUN: transformer-opt %s -split-input-file --choose-schedules -verify-diagnostics | FileCheck %s

// The matmul gets the tile that the module asks for, and its weight panels that
// fit; the embedding reads the same panels.

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>,
    kernel.schedules = {logits = {rows = 12 : i64, vectors = 2 : i64, at = loc("s.yaml":1:1)}}} {
// CHECK-NOT:   kernel.schedules
// CHECK-LABEL: func @tied(
// CHECK: %[[TABLE:.+]] = kernel.weight {{.*}} {align = 32 : i64, {{.*}}panel = 32 : i64} : memref<3x48x32xf32>
// CHECK: kernel.embed {{.*}}memref<3x48x32xf32>
// CHECK: %[[WEIGHT:.+]] = kernel.weight {{.*}} {align = 32 : i64, {{.*}}panel = 32 : i64} : memref<3x48x32xf32>
// CHECK: kernel.matmul {{.*}}by(%[[WEIGHT]] : memref<3x48x32xf32>) {{.*}}schedule = #kernel.schedule<rows = 12, vectors = 2, lanes = 16>
func.func @tied(%step: !kernel.step, %e: tensor<512x48xf32>, %y: tensor<512x90xf32>) -> tensor<512x90xf32> {
  %table = kernel.weight [#kernel.part<origin = tensor, name = "embed.weight", rows = 90, cols = 48>]
    [] {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64} : memref<2x48x48xf32>
  %x = kernel.embed %step(%table : memref<2x48x48xf32>) into (%e : tensor<512x48xf32>)
      attributes {scale = 1.0 : f64, kernel.name = "embed"} -> tensor<512x48xf32>
  %w = kernel.weight [#kernel.part<origin = tensor, name = "embed.weight", rows = 90, cols = 48>]
    [] {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64} : memref<2x48x48xf32>
  %r = kernel.matmul outputs of %step(%x : tensor<512x48xf32>) by (%w : memref<2x48x48xf32>)
      into (%y : tensor<512x90xf32>)
      attributes {columns = array<i64: 90>, targets = [#kernel.to<rows>], accesses = [], kernel.name = "logits",
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  } -> tensor<512x90xf32>
  return %r : tensor<512x90xf32>
}
}

// -----

// Gate and up keep their columns side by side in each panel.

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>,
    kernel.schedules = {mlp = {rows = 14 : i64, vectors = 2 : i64, at = loc("s.yaml":1:1)}}} {
// CHECK-LABEL: func @gated(
// CHECK: kernel.weight {{.*}} {align = 16 : i64, {{.*}}interleave = 16 : i64, {{.*}}panel = 32 : i64} : memref<3x48x32xf32>
// CHECK: schedule = #kernel.schedule<rows = 14, vectors = 2, lanes = 16>
func.func @gated(%step: !kernel.step, %x: tensor<512x48xf32>, %y: tensor<512x40xf32>) -> tensor<512x40xf32> {
  %w = kernel.weight [#kernel.part<origin = tensor, name = "gate.weight", rows = 40, cols = 48>,
                      #kernel.part<origin = tensor, name = "up.weight", rows = 40, cols = 48>]
    [] {panel = 64 : i64, align = 32 : i64, interleave = 32 : i64} : memref<2x48x64xf32>
  %r = kernel.matmul rows of %step(%x : tensor<512x48xf32>) by (%w : memref<2x48x64xf32>)
      into (%y : tensor<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>], accesses = [], kernel.name = "mlp",
                  accumulators = 2 : i64, schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>} {
  ^bb0(%gate: f32, %up: f32):
    %p = arith.mulf %gate, %up : f32
    kernel.yield %p
  } -> tensor<512x40xf32>
  return %r : tensor<512x40xf32>
}
}
