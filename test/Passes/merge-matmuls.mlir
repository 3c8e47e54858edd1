// RUN: transformer-opt %s --merge-matmuls | FileCheck %s

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// Q, K and V read the same rows: one matmul with three parts, one weight of their
// panels side by side. Each part sees the operands of all.

// CHECK-LABEL: func @query_key_value(
// CHECK:      %[[W:.+]] = kernel.weight [{{.+}}"query"{{.+}}, {{.+}}"key"{{.+}}, {{.+}}"value"{{.+}}][] {align = 48 : i64, interleave = 0 : i64, panel = 48 : i64} : memref<3x48x48xf32>
// CHECK-NEXT: %[[Q:.+]] = kernel.matmul rows of %{{.+}} by(%[[W]] : memref<3x48x48xf32>) with(%{{.+}} : memref<48xf32>) slot %{{.+}} into(
// CHECK-SAME: cache = #kernel.cache<blocks = 1, kvHeads = 3, headDim = 16, valueDim = 16>
// CHECK-SAME: columns = array<i64: 48, 48, 48>
// CHECK-SAME: targets = [#kernel.to<rows>, #kernel.to<keys>, #kernel.to<values>]
// CHECK-NEXT: ^bb0(%[[ACC:.+]]: f32, %[[BIAS:.+]]: f32):
// CHECK-NEXT: %[[SUM:.+]] = arith.addf %[[ACC]], %[[BIAS]]
// CHECK-NEXT: kernel.yield %[[SUM]]
// CHECK-NEXT: }, {
// CHECK-NEXT: ^bb0(%[[KEY:.+]]: f32, %{{.+}}: f32):
// CHECK-NEXT: kernel.yield %[[KEY]]
// CHECK-NOT:  kernel.matmul
// CHECK:      return %[[Q]]
func.func @query_key_value(%step: !kernel.step, %x: tensor<512x48xf32>, %b: memref<48xf32>, %slot: index) -> tensor<512x48xf32> {
  %to = tensor.empty() : tensor<512x48xf32>
  %wq = kernel.weight [#kernel.part<origin = tensor, name = "query", rows = 48, cols = 48>][]
      {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64} : memref<1x48x48xf32>
  %wk = kernel.weight [#kernel.part<origin = tensor, name = "key", rows = 48, cols = 48>][]
      {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64} : memref<1x48x48xf32>
  %wv = kernel.weight [#kernel.part<origin = tensor, name = "value", rows = 48, cols = 48>][]
      {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64} : memref<1x48x48xf32>
  %y = kernel.matmul rows of %step(%x : tensor<512x48xf32>) by (%wq : memref<1x48x48xf32>)
      with (%b : memref<48xf32>) into (%to : tensor<512x48xf32>)
      attributes {columns = array<i64: 48>, targets = [#kernel.to<rows>], accesses = [#kernel.access<columns>],
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32, %bias: f32):
    %s = arith.addf %acc, %bias : f32
    kernel.yield %s
  } -> tensor<512x48xf32>
  kernel.matmul rows of %step(%x : tensor<512x48xf32>) by (%wk : memref<1x48x48xf32>) slot %slot
      attributes {columns = array<i64: 48>, targets = [#kernel.to<keys>], accesses = [],
                  accumulators = 1 : i64, cache = #kernel.cache<blocks = 1, kvHeads = 3, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  kernel.matmul rows of %step(%x : tensor<512x48xf32>) by (%wv : memref<1x48x48xf32>) slot %slot
      attributes {columns = array<i64: 48>, targets = [#kernel.to<values>], accesses = [],
                  accumulators = 1 : i64, cache = #kernel.cache<blocks = 1, kvHeads = 3, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return %y : tensor<512x48xf32>
}

// Rows of other values.

// CHECK-LABEL: func @keeps_matmuls_of_other_rows(
// CHECK-COUNT-2: kernel.matmul
func.func @keeps_matmuls_of_other_rows(%step: !kernel.step, %x: tensor<512x48xf32>, %z: tensor<512x48xf32>) -> (tensor<512x48xf32>, tensor<512x48xf32>) {
  %to = tensor.empty() : tensor<512x48xf32>
  %to_2 = tensor.empty() : tensor<512x48xf32>
  %w = kernel.weight [#kernel.part<origin = tensor, name = "first", rows = 48, cols = 48>][]
      {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64} : memref<1x48x48xf32>
  %v = kernel.weight [#kernel.part<origin = tensor, name = "second", rows = 48, cols = 48>][]
      {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64} : memref<1x48x48xf32>
  %y = kernel.matmul rows of %step(%x : tensor<512x48xf32>) by (%w : memref<1x48x48xf32>)
      into (%to : tensor<512x48xf32>)
      attributes {columns = array<i64: 48>, targets = [#kernel.to<rows>], accesses = [],
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  } -> tensor<512x48xf32>
  %u = kernel.matmul rows of %step(%z : tensor<512x48xf32>) by (%v : memref<1x48x48xf32>)
      into (%to_2 : tensor<512x48xf32>)
      attributes {columns = array<i64: 48>, targets = [#kernel.to<rows>], accesses = [],
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  } -> tensor<512x48xf32>
  return %y, %u : tensor<512x48xf32>, tensor<512x48xf32>
}

// The second needs what comes of the first.

// CHECK-LABEL: func @keeps_matmul_before_its_user(
// CHECK-COUNT-2: kernel.matmul
func.func @keeps_matmul_before_its_user(%step: !kernel.step, %x: tensor<512x48xf32>) -> tensor<512x48xf32> {
  %to = tensor.empty() : tensor<512x48xf32>
  %to_2 = tensor.empty() : tensor<512x48xf32>
  %to_3 = tensor.empty() : tensor<512x48xf32>
  %w = kernel.weight [#kernel.part<origin = tensor, name = "first", rows = 48, cols = 48>][]
      {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64} : memref<1x48x48xf32>
  %v = kernel.weight [#kernel.part<origin = tensor, name = "second", rows = 48, cols = 48>][]
      {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64} : memref<1x48x48xf32>
  %m = kernel.matmul rows of %step(%x : tensor<512x48xf32>) by (%w : memref<1x48x48xf32>)
      into (%to : tensor<512x48xf32>)
      attributes {columns = array<i64: 48>, targets = [#kernel.to<rows>], accesses = [],
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  } -> tensor<512x48xf32>
  %a = kernel.map rows of %step(%m : tensor<512x48xf32>) into (%to_3 : tensor<512x48xf32>)
      attributes {columns = 48 : i64, target = #kernel.to<rows>, accesses = []} {
  ^bb0(%e: f32):
    %zero = arith.constant 0.0 : f32
    %s = arith.maximumf %e, %zero : f32
    kernel.yield %s
  } -> tensor<512x48xf32>
  %y = kernel.matmul rows of %step(%x : tensor<512x48xf32>) by (%v : memref<1x48x48xf32>)
      with (%a : tensor<512x48xf32>) into (%to_2 : tensor<512x48xf32>)
      attributes {columns = array<i64: 48>, targets = [#kernel.to<rows>], accesses = [#kernel.access<elements>],
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32, %bias: f32):
    %s = arith.addf %acc, %bias : f32
    kernel.yield %s
  } -> tensor<512x48xf32>
  return %y : tensor<512x48xf32>
}

// Weights of different repetitions lie in different places.

// CHECK-LABEL: func @keeps_matmuls_of_other_layers(
// CHECK-COUNT-2: kernel.matmul
func.func @keeps_matmuls_of_other_layers(%step: !kernel.step, %x: tensor<512x48xf32>, %i: index, %j: index) -> (tensor<512x48xf32>, tensor<512x48xf32>) {
  %to = tensor.empty() : tensor<512x48xf32>
  %to_2 = tensor.empty() : tensor<512x48xf32>
  %w = kernel.weight [#kernel.part<origin = tensor, name = "layers.{i}.a", rows = 48, cols = 48>][%i]
      {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64} : memref<1x48x48xf32>
  %v = kernel.weight [#kernel.part<origin = tensor, name = "layers.{i}.b", rows = 48, cols = 48>][%j]
      {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64} : memref<1x48x48xf32>
  %y = kernel.matmul rows of %step(%x : tensor<512x48xf32>) by (%w : memref<1x48x48xf32>)
      into (%to : tensor<512x48xf32>)
      attributes {columns = array<i64: 48>, targets = [#kernel.to<rows>], accesses = [],
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  } -> tensor<512x48xf32>
  %u = kernel.matmul rows of %step(%x : tensor<512x48xf32>) by (%v : memref<1x48x48xf32>)
      into (%to_2 : tensor<512x48xf32>)
      attributes {columns = array<i64: 48>, targets = [#kernel.to<rows>], accesses = [],
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  } -> tensor<512x48xf32>
  return %y, %u : tensor<512x48xf32>, tensor<512x48xf32>
}

// A kernel has one period.

// CHECK-LABEL: func @keeps_matmuls_of_other_periods(
// CHECK-COUNT-2: kernel.matmul
func.func @keeps_matmuls_of_other_periods(%step: !kernel.step, %x: tensor<512x48xf32>, %c: memref<64x32xf32>, %d: memref<64x48xf32>) -> (tensor<512x48xf32>, tensor<512x48xf32>) {
  %to = tensor.empty() : tensor<512x48xf32>
  %to_2 = tensor.empty() : tensor<512x48xf32>
  %w = kernel.weight [#kernel.part<origin = tensor, name = "first", rows = 48, cols = 48>][]
      {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64} : memref<1x48x48xf32>
  %v = kernel.weight [#kernel.part<origin = tensor, name = "second", rows = 48, cols = 48>][]
      {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64} : memref<1x48x48xf32>
  %y = kernel.matmul rows of %step(%x : tensor<512x48xf32>) by (%w : memref<1x48x48xf32>)
      with (%c : memref<64x32xf32>) into (%to : tensor<512x48xf32>)
      attributes {columns = array<i64: 48>, targets = [#kernel.to<rows>], accesses = [#kernel.access<positions>],
                  accumulators = 1 : i64, period = 16 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32, %bias: f32):
    %s = arith.addf %acc, %bias : f32
    kernel.yield %s
  } -> tensor<512x48xf32>
  %u = kernel.matmul rows of %step(%x : tensor<512x48xf32>) by (%v : memref<1x48x48xf32>)
      with (%d : memref<64x48xf32>) into (%to_2 : tensor<512x48xf32>)
      attributes {columns = array<i64: 48>, targets = [#kernel.to<rows>], accesses = [#kernel.access<positions>],
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32, %bias: f32):
    %s = arith.addf %acc, %bias : f32
    kernel.yield %s
  } -> tensor<512x48xf32>
  return %y, %u : tensor<512x48xf32>, tensor<512x48xf32>
}

// Values of another input than the queries' are in the cache before attention, which
// stands before the matmul that reads the same rows.

// CHECK-LABEL: func @keeps_values_before_attention(
// CHECK:         kernel.matmul {{.+}} slot
// CHECK:         kernel.attention
// CHECK:         kernel.matmul
func.func @keeps_values_before_attention(%step: !kernel.step, %q: tensor<512x48xf32>, %x: tensor<512x48xf32>, %slot: index) -> (tensor<512x48xf32>, tensor<512x48xf32>) {
  %to = tensor.empty() : tensor<512x48xf32>
  %to_2 = tensor.empty() : tensor<512x48xf32>
  %w = kernel.weight [#kernel.part<origin = tensor, name = "value.weight", rows = 48, cols = 48>][]
      {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64} : memref<1x48x48xf32>
  %v = kernel.weight [#kernel.part<origin = tensor, name = "up.weight", rows = 48, cols = 48>][]
      {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64} : memref<1x48x48xf32>
  kernel.matmul rows of %step(%x : tensor<512x48xf32>) by (%w : memref<1x48x48xf32>) slot %slot
      attributes {columns = array<i64: 48>, targets = [#kernel.to<values>], accesses = [],
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>,
                  cache = #kernel.cache<blocks = 1, kvHeads = 3, headDim = 16, valueDim = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  %a = kernel.attention %step(%q : tensor<512x48xf32>) slot %slot into (%to : tensor<512x48xf32>)
      attributes {heads = 3 : i64, mask = #kernel.mask<none>, scale = 0.25 : f64,
                  cache = #kernel.cache<blocks = 1, kvHeads = 3, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>} -> tensor<512x48xf32>
  %u = kernel.matmul rows of %step(%x : tensor<512x48xf32>) by (%v : memref<1x48x48xf32>)
      into (%to_2 : tensor<512x48xf32>)
      attributes {columns = array<i64: 48>, targets = [#kernel.to<rows>], accesses = [],
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  } -> tensor<512x48xf32>
  return %a, %u : tensor<512x48xf32>, tensor<512x48xf32>
}
}
