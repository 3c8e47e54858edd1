// RUN: transformer-opt %s --fuse-norms | FileCheck %s

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// Only one matmul reads the normalised rows: the norm is its first row pass.

// CHECK-LABEL: func @norm_before_matmul(
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step, %[[X:.+]]: tensor<512x48xf32>, %[[N:.+]]: memref<48xf32>, %[[W:.+]]: memref<1x48x48xf32>
// CHECK:      %[[ROWS:.+]] = tensor.empty()
// CHECK:      %[[TO:.+]] = tensor.empty()
// CHECK-NOT:  kernel.norm
// CHECK:      %[[Y:.+]]:2 = kernel.matmul rows of %[[STEP]](%[[X]] : tensor<512x48xf32>) norm(%[[N]] : memref<48xf32>) by(%[[W]] : memref<1x48x48xf32>) into(%[[ROWS]], %[[TO]] : tensor<512x48xf32>, tensor<512x48xf32>)
// CHECK-SAME: norm = #kernel.normalise<kind = rms
// CHECK:      return %[[Y]]#1
func.func @norm_before_matmul(%step: !kernel.step, %x: tensor<512x48xf32>, %n: memref<48xf32>, %w: memref<1x48x48xf32>) -> tensor<512x48xf32> {
  %rows = tensor.empty() : tensor<512x48xf32>
  %to = tensor.empty() : tensor<512x48xf32>
  %m = kernel.norm rows of %step(%x : tensor<512x48xf32>) norm (%n : memref<48xf32>) into (%rows : tensor<512x48xf32>)
      attributes {norm = #kernel.normalise<kind = rms, eps = 1.0e-5 : f64, group = 0>} -> tensor<512x48xf32>
  %y = kernel.matmul rows of %step(%m : tensor<512x48xf32>) by (%w : memref<1x48x48xf32>)
      into (%to : tensor<512x48xf32>)
      attributes {columns = array<i64: 48>, targets = [#kernel.to<rows>], accesses = [],
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  } -> tensor<512x48xf32>
  return %y : tensor<512x48xf32>
}

// Two matmuls would each normalise.

// CHECK-LABEL: func @keeps_norm_with_two_users(
// CHECK: kernel.norm
// CHECK-COUNT-2: kernel.matmul
func.func @keeps_norm_with_two_users(%step: !kernel.step, %x: tensor<512x48xf32>, %n: memref<48xf32>, %w: memref<1x48x48xf32>) -> (tensor<512x48xf32>, tensor<512x48xf32>) {
  %rows = tensor.empty() : tensor<512x48xf32>
  %to = tensor.empty() : tensor<512x48xf32>
  %to_2 = tensor.empty() : tensor<512x48xf32>
  %m = kernel.norm rows of %step(%x : tensor<512x48xf32>) norm (%n : memref<48xf32>) into (%rows : tensor<512x48xf32>)
      attributes {norm = #kernel.normalise<kind = rms, eps = 1.0e-5 : f64, group = 0>} -> tensor<512x48xf32>
  %y = kernel.matmul rows of %step(%m : tensor<512x48xf32>) by (%w : memref<1x48x48xf32>)
      into (%to : tensor<512x48xf32>)
      attributes {columns = array<i64: 48>, targets = [#kernel.to<rows>], accesses = [],
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  } -> tensor<512x48xf32>
  %u = kernel.matmul rows of %step(%m : tensor<512x48xf32>) by (%w : memref<1x48x48xf32>)
      into (%to_2 : tensor<512x48xf32>)
      attributes {columns = array<i64: 48>, targets = [#kernel.to<rows>], accesses = [],
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  } -> tensor<512x48xf32>
  return %y, %u : tensor<512x48xf32>, tensor<512x48xf32>
}

// The matmul reads the rows as a residual, not as its input.

// CHECK-LABEL: func @keeps_norm_of_operand(
// CHECK: kernel.norm
// CHECK: kernel.matmul
func.func @keeps_norm_of_operand(%step: !kernel.step, %x: tensor<512x48xf32>, %n: memref<48xf32>, %w: memref<1x48x48xf32>) -> tensor<512x48xf32> {
  %rows = tensor.empty() : tensor<512x48xf32>
  %to = tensor.empty() : tensor<512x48xf32>
  %m = kernel.norm rows of %step(%x : tensor<512x48xf32>) norm (%n : memref<48xf32>) into (%rows : tensor<512x48xf32>)
      attributes {norm = #kernel.normalise<kind = rms, eps = 1.0e-5 : f64, group = 0>} -> tensor<512x48xf32>
  %y = kernel.matmul rows of %step(%x : tensor<512x48xf32>) by (%w : memref<1x48x48xf32>)
      with (%m : tensor<512x48xf32>) into (%to : tensor<512x48xf32>)
      attributes {columns = array<i64: 48>, targets = [#kernel.to<rows>], accesses = [#kernel.access<elements>],
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32, %bias: f32):
    %s = arith.addf %acc, %bias : f32
    kernel.yield %s
  } -> tensor<512x48xf32>
  return %y : tensor<512x48xf32>
}

// Heads are normalised by themselves.

// CHECK-LABEL: func @keeps_norm_of_groups(
// CHECK: kernel.norm
// CHECK: kernel.matmul
func.func @keeps_norm_of_groups(%step: !kernel.step, %x: tensor<512x48xf32>, %n: memref<48xf32>, %w: memref<1x48x48xf32>) -> tensor<512x48xf32> {
  %rows = tensor.empty() : tensor<512x48xf32>
  %to = tensor.empty() : tensor<512x48xf32>
  %m = kernel.norm rows of %step(%x : tensor<512x48xf32>) norm (%n : memref<48xf32>) into (%rows : tensor<512x48xf32>)
      attributes {norm = #kernel.normalise<kind = rms, eps = 1.0e-5 : f64, group = 16>} -> tensor<512x48xf32>
  %y = kernel.matmul rows of %step(%m : tensor<512x48xf32>) by (%w : memref<1x48x48xf32>)
      into (%to : tensor<512x48xf32>)
      attributes {columns = array<i64: 48>, targets = [#kernel.to<rows>], accesses = [],
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  } -> tensor<512x48xf32>
  return %y : tensor<512x48xf32>
}

// All rows are normalised, but only wanted rows multiplied.

// CHECK-LABEL: func @keeps_norm_of_other_rows(
// CHECK: kernel.norm
// CHECK: kernel.matmul
func.func @keeps_norm_of_other_rows(%step: !kernel.step, %x: tensor<512x48xf32>, %n: memref<48xf32>, %w: memref<1x48x48xf32>) -> tensor<512x48xf32> {
  %rows = tensor.empty() : tensor<512x48xf32>
  %to = tensor.empty() : tensor<512x48xf32>
  %m = kernel.norm rows of %step(%x : tensor<512x48xf32>) norm (%n : memref<48xf32>) into (%rows : tensor<512x48xf32>)
      attributes {norm = #kernel.normalise<kind = rms, eps = 1.0e-5 : f64, group = 0>} -> tensor<512x48xf32>
  %y = kernel.matmul outputs of %step(%m : tensor<512x48xf32>) by (%w : memref<1x48x48xf32>)
      into (%to : tensor<512x48xf32>)
      attributes {columns = array<i64: 48>, targets = [#kernel.to<rows>], accesses = [],
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  } -> tensor<512x48xf32>
  return %y : tensor<512x48xf32>
}
}
