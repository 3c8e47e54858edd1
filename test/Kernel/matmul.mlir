// RUN: transformer-opt %s | transformer-opt | FileCheck %s


// Tensors: a destination for each result.

// CHECK-LABEL: func @bias
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step, %[[X:.+]]: tensor<512x8xf32>, %[[W:.+]]: memref<1x8x48xf32>, %[[B:.+]]: memref<48xf32>, %[[TO:.+]]: tensor<512x40xf32>
func.func @bias(%step: !kernel.step, %x: tensor<512x8xf32>, %w: memref<1x8x48xf32>,
                %b: memref<48xf32>, %to: tensor<512x40xf32>) -> tensor<512x40xf32> {
  // CHECK: kernel.matmul rows of %[[STEP]](%[[X]] : tensor<512x8xf32>) by(%[[W]] : memref<1x8x48xf32>) with(%[[B]] : memref<48xf32>) into(%[[TO]] : tensor<512x40xf32>)
  // CHECK-SAME: accesses = [#kernel.access<columns>]
  // CHECK-SAME: targets = [#kernel.to<rows>]
  // CHECK-NEXT: ^bb0(%[[ACC:.+]]: f32, %[[BIAS:.+]]: f32):
  // CHECK-NEXT: %[[SUM:.+]] = arith.addf %[[ACC]], %[[BIAS]] : f32
  // CHECK-NEXT: kernel.yield %[[SUM]]
  // CHECK-NEXT: } -> tensor<512x40xf32>
  %r = kernel.matmul rows of %step(%x : tensor<512x8xf32>) by (%w : memref<1x8x48xf32>)
      with (%b : memref<48xf32>) into (%to : tensor<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                  accesses = [#kernel.access<columns>], accumulators = 1 : i64,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32, %bias: f32):
    %s = arith.addf %acc, %bias : f32
    kernel.yield %s
  } -> tensor<512x40xf32>
  return %r : tensor<512x40xf32>
}

// Buffers, a norm before, and three parts: rows, keys, values.

// CHECK-LABEL: func @query_key_value
func.func @query_key_value(%step: !kernel.step, %x: memref<512x8xf32>, %n: memref<192xf32>,
                           %w: memref<3x8x48xf32>, %slot: index,
                           %rows: memref<512x8xf32>, %q: memref<512x48xf32>) {
  // CHECK: kernel.matmul rows of %{{.+}}(%{{.+}}) norm(%{{.+}} : memref<192xf32>) by(%{{.+}}) slot %{{.+}} into(%{{.+}}, %{{.+}} : memref<512x8xf32>, memref<512x48xf32>)
  // CHECK-SAME: cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>
  // CHECK-SAME: norm = #kernel.normalise<kind = rms
  // CHECK-SAME: targets = [#kernel.to<rows>, #kernel.to<keys>, #kernel.to<values>]
  // CHECK-COUNT-3: kernel.yield
  kernel.matmul rows of %step(%x : memref<512x8xf32>) norm (%n : memref<192xf32>)
      by (%w : memref<3x8x48xf32>) slot %slot into (%rows, %q : memref<512x8xf32>, memref<512x48xf32>)
      attributes {columns = array<i64: 48, 32, 32>,
                  targets = [#kernel.to<rows>, #kernel.to<keys>, #kernel.to<values>],
                  accesses = [], accumulators = 1 : i64,
                  norm = #kernel.normalise<kind = rms, eps = 1.0e-5 : f64, group = 0>,
                  cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }, {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }, {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// Two accumulators: gate and up interleaved, 32 columns of each in a panel.

// CHECK-LABEL: func @gated
func.func @gated(%step: !kernel.step, %x: memref<512x8xf32>, %w: memref<2x8x64xf32>,
                 %to: memref<512x40xf32>) {
  // CHECK: accumulators = 2 : i64
  // CHECK-NEXT: ^bb0(%[[GATE:.+]]: f32, %[[UP:.+]]: f32):
  // CHECK-NEXT: arith.mulf %[[GATE]], %[[UP]]
  kernel.matmul rows of %step(%x : memref<512x8xf32>) by (%w : memref<2x8x64xf32>)
      into (%to : memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>], accesses = [],
                  accumulators = 2 : i64,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>} {
  ^bb0(%gate: f32, %up: f32):
    %s = arith.mulf %gate, %up : f32
    kernel.yield %s
  }
  return
}

// Rotary tables by position, the neighbour of a pair by swap_pairs.

// CHECK-LABEL: func @rotary
func.func @rotary(%step: !kernel.step, %x: memref<512x8xf32>, %w: memref<1x8x48xf32>,
                  %cos: memref<64x24xf32>, %sin: memref<64x24xf32>, %to: memref<512x48xf32>) {
  // CHECK: accesses = [#kernel.access<positions>, #kernel.access<positions>]
  // CHECK-SAME: period = 8 : i64
  // CHECK: kernel.swap_pairs
  kernel.matmul rows of %step(%x : memref<512x8xf32>) by (%w : memref<1x8x48xf32>)
      with (%cos, %sin : memref<64x24xf32>, memref<64x24xf32>) into (%to : memref<512x48xf32>)
      attributes {columns = array<i64: 48>, targets = [#kernel.to<rows>], period = 8 : i64,
                  accesses = [#kernel.access<positions>, #kernel.access<positions>],
                  accumulators = 1 : i64,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32, %c: f32, %s: f32):
    %swapped = kernel.swap_pairs %acc
    %straight = arith.mulf %acc, %c : f32
    %y = math.fma %swapped, %s, %straight : f32
    kernel.yield %y
  }
  return
}

// Integers name the instruction that multiplies them; bf16 takes rows of f32 or
// of pairs.

// CHECK-LABEL: func @formats
func.func @formats(%step: !kernel.step, %q: memref<512x20xi32>, %x: memref<512x39xf32>, %p: memref<512x20xi32>,
                   %int8: memref<1x2x408xi32>, %bf16: memref<1x20x48xi32>, %to: memref<512x40xf32>) {
  // CHECK: kernel.matmul rows of %{{.+}}(%{{.+}} : memref<512x20xi32>) by(%{{.+}} : memref<1x2x408xi32>)
  // CHECK-SAME: format = #kernel.format<int8>
  // CHECK-SAME: schedule = #kernel.schedule<rows = 4, vectors = 3, lanes = 16, dot = <sdot>>
  kernel.matmul rows of %step(%q : memref<512x20xi32>) by (%int8 : memref<1x2x408xi32>) into (%to : memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>], accesses = [], accumulators = 1 : i64,
                  format = #kernel.format<int8>,
                  schedule = #kernel.schedule<rows = 4, vectors = 3, lanes = 16, dot = <sdot>>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  // CHECK: kernel.matmul rows of %{{.+}}(%{{.+}} : memref<512x39xf32>) by(%{{.+}} : memref<1x20x48xi32>)
  kernel.matmul rows of %step(%x : memref<512x39xf32>) by (%bf16 : memref<1x20x48xi32>) into (%to : memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>], accesses = [], accumulators = 1 : i64,
                  format = #kernel.format<bf16>, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  // CHECK: kernel.matmul rows of %{{.+}}(%{{.+}} : memref<512x20xi32>) by(%{{.+}} : memref<1x20x48xi32>)
  kernel.matmul rows of %step(%p : memref<512x20xi32>) by (%bf16 : memref<1x20x48xi32>) into (%to : memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>], accesses = [], accumulators = 1 : i64,
                  format = #kernel.format<bf16>, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}
