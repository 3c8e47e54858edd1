// RUN: transformer-opt %s --fuse-epilogues | FileCheck %s

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// An activation follows the bias in the region of the matmul.

// CHECK-LABEL: func @activation(
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step, %[[X:.+]]: tensor<512x48xf32>, %[[W:.+]]: memref<1x48x48xf32>, %[[B:.+]]: memref<48xf32>
// CHECK:      %[[Y:.+]] = kernel.matmul rows of %[[STEP]](%[[X]] : tensor<512x48xf32>) by(%[[W]] : memref<1x48x48xf32>) with(%[[B]] : memref<48xf32>)
// CHECK-NEXT: ^bb0(%[[ACC:.+]]: f32, %[[BIAS:.+]]: f32):
// CHECK-NEXT: %[[SUM:.+]] = arith.addf %[[ACC]], %[[BIAS]]
// CHECK-NEXT: %[[ZERO:.+]] = arith.constant 0.0
// CHECK-NEXT: %[[RELU:.+]] = arith.maximumf %[[SUM]], %[[ZERO]]
// CHECK-NEXT: kernel.yield %[[RELU]]
// CHECK-NOT:  kernel.map
// CHECK:      return %[[Y]]
func.func @activation(%step: !kernel.step, %x: tensor<512x48xf32>, %w: memref<1x48x48xf32>, %b: memref<48xf32>) -> tensor<512x48xf32> {
  %to = tensor.empty() : tensor<512x48xf32>
  %to_2 = tensor.empty() : tensor<512x48xf32>
  %m = kernel.matmul rows of %step(%x : tensor<512x48xf32>) by (%w : memref<1x48x48xf32>)
      with (%b : memref<48xf32>) into (%to : tensor<512x48xf32>)
      attributes {columns = array<i64: 48>, targets = [#kernel.to<rows>], accesses = [#kernel.access<columns>],
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32, %bias: f32):
    %s = arith.addf %acc, %bias : f32
    kernel.yield %s
  } -> tensor<512x48xf32>
  %y = kernel.map rows of %step(%m : tensor<512x48xf32>) into (%to_2 : tensor<512x48xf32>)
      attributes {columns = 48 : i64, target = #kernel.to<rows>, accesses = []} {
  ^bb0(%e: f32):
    %zero = arith.constant 0.0 : f32
    %s = arith.maximumf %e, %zero : f32
    kernel.yield %s
  } -> tensor<512x48xf32>
  return %y : tensor<512x48xf32>
}

// A residual is read and written at the same place: the matmul goes over it.

// CHECK-LABEL: func @residual(
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step, %[[X:.+]]: tensor<512x48xf32>, %[[R:.+]]: tensor<512x48xf32>, %[[W:.+]]: memref
// CHECK:      %[[Y:.+]] = kernel.matmul rows of %[[STEP]](%[[X]] : tensor<512x48xf32>) by(%[[W]] : memref<1x48x48xf32>) with(%[[R]] : tensor<512x48xf32>) into(%[[R]] : tensor<512x48xf32>)
// CHECK-SAME: accesses = [#kernel.access<elements>]
// CHECK-NEXT: ^bb0(%[[ACC:.+]]: f32, %[[OLD:.+]]: f32):
// CHECK-NEXT: arith.addf %[[OLD]], %[[ACC]]
// CHECK-NOT:  kernel.map
// CHECK:      return %[[Y]]
func.func @residual(%step: !kernel.step, %x: tensor<512x48xf32>, %r: tensor<512x48xf32>, %w: memref<1x48x48xf32>) -> tensor<512x48xf32> {
  %to = tensor.empty() : tensor<512x48xf32>
  %to_2 = tensor.empty() : tensor<512x48xf32>
  %m = kernel.matmul rows of %step(%x : tensor<512x48xf32>) by (%w : memref<1x48x48xf32>)
      into (%to : tensor<512x48xf32>)
      attributes {columns = array<i64: 48>, targets = [#kernel.to<rows>], accesses = [],
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  } -> tensor<512x48xf32>
  %y = kernel.map rows of %step(%r : tensor<512x48xf32>) with (%m : tensor<512x48xf32>) into (%to_2 : tensor<512x48xf32>)
      attributes {columns = 48 : i64, target = #kernel.to<rows>, accesses = [#kernel.access<elements>]} {
  ^bb0(%e: f32, %f: f32):
    %s = arith.addf %e, %f : f32
    kernel.yield %s
  } -> tensor<512x48xf32>
  return %y : tensor<512x48xf32>
}

// A write into the cache becomes the target of the matmul, which then makes no rows.

// CHECK-LABEL: func @cache_write(
// CHECK:      kernel.matmul rows of %{{.+}} slot %[[SLOT:.+]] attributes
// CHECK-SAME: cache = #kernel.cache<blocks = 1, kvHeads = 3, headDim = 16, valueDim = 16>
// CHECK-SAME: targets = [#kernel.to<keys>]
// CHECK-NOT:  kernel.map
func.func @cache_write(%step: !kernel.step, %x: tensor<512x48xf32>, %w: memref<1x48x48xf32>, %slot: index) {
  %to = tensor.empty() : tensor<512x48xf32>
  %m = kernel.matmul rows of %step(%x : tensor<512x48xf32>) by (%w : memref<1x48x48xf32>)
      into (%to : tensor<512x48xf32>)
      attributes {columns = array<i64: 48>, targets = [#kernel.to<rows>], accesses = [],
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  } -> tensor<512x48xf32>
  kernel.map rows of %step(%m : tensor<512x48xf32>) slot %slot
      attributes {columns = 48 : i64, target = #kernel.to<keys>, accesses = [],
                  cache = #kernel.cache<blocks = 1, kvHeads = 3, headDim = 16, valueDim = 16>} {
  ^bb0(%e: f32):
    kernel.yield %e
  }
  return
}

// Unless it is int8: tiles of the matmul need not hold whole heads.

// CHECK-LABEL: func @cache_of_bytes(
// CHECK:      %[[K:.+]] = kernel.matmul
// CHECK-SAME: targets = [#kernel.to<rows>]
// CHECK:      kernel.map rows of %{{.+}}(%[[K]]
func.func @cache_of_bytes(%step: !kernel.step, %x: tensor<512x48xf32>, %w: memref<1x48x48xf32>, %slot: index) {
  %to = tensor.empty() : tensor<512x48xf32>
  %m = kernel.matmul rows of %step(%x : tensor<512x48xf32>) by (%w : memref<1x48x48xf32>)
      into (%to : tensor<512x48xf32>)
      attributes {columns = array<i64: 48>, targets = [#kernel.to<rows>], accesses = [],
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  } -> tensor<512x48xf32>
  kernel.map rows of %step(%m : tensor<512x48xf32>) slot %slot
      attributes {columns = 48 : i64, target = #kernel.to<keys>, accesses = [],
                  cache = #kernel.cache<blocks = 1, kvHeads = 3, headDim = 16, valueDim = 16, format = int8>} {
  ^bb0(%e: f32):
    kernel.yield %e
  }
  return
}

// Gate and up read the same rows: one matmul with two accumulators, and a weight in
// which 32 columns of one and 32 of the other alternate.

// CHECK-LABEL: func @gate(
// CHECK:      %[[W:.+]] = kernel.weight [{{.+}}"gate"{{.+}}, {{.+}}"up"{{.+}}][] {align = 32 : i64, interleave = 32 : i64, panel = 64 : i64} : memref<2x48x64xf32>
// CHECK-NEXT: kernel.matmul rows of %{{.+}} by(%[[W]] : memref<2x48x64xf32>)
// CHECK-SAME: accumulators = 2 : i64
// CHECK-SAME: schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>
// CHECK-NEXT: ^bb0(%[[GATE:.+]]: f32, %[[UP:.+]]: f32):
// CHECK-NEXT: %[[ZERO:.+]] = arith.constant
// CHECK-NEXT: %[[RELU:.+]] = arith.maximumf %[[GATE]], %[[ZERO]]
// CHECK-NEXT: %[[Y:.+]] = arith.mulf %[[RELU]], %[[UP]]
// CHECK-NEXT: kernel.yield %[[Y]]
// CHECK-NOT:  kernel.map
func.func @gate(%step: !kernel.step, %x: tensor<512x48xf32>) -> tensor<512x48xf32> {
  %a = tensor.empty() : tensor<512x48xf32>
  %b = tensor.empty() : tensor<512x48xf32>
  %c = tensor.empty() : tensor<512x48xf32>
  %d = tensor.empty() : tensor<512x48xf32>
  %wg = kernel.weight [#kernel.part<origin = tensor, name = "gate", rows = 48, cols = 48>][]
      {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64} : memref<1x48x48xf32>
  %wu = kernel.weight [#kernel.part<origin = tensor, name = "up", rows = 48, cols = 48>][]
      {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64} : memref<1x48x48xf32>
  %g = kernel.matmul rows of %step(%x : tensor<512x48xf32>) by (%wg : memref<1x48x48xf32>)
      into (%a : tensor<512x48xf32>)
      attributes {columns = array<i64: 48>, targets = [#kernel.to<rows>], accesses = [],
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  } -> tensor<512x48xf32>
  %h = kernel.map rows of %step(%g : tensor<512x48xf32>) into (%b : tensor<512x48xf32>)
      attributes {columns = 48 : i64, target = #kernel.to<rows>, accesses = []} {
  ^bb0(%e: f32):
    %zero = arith.constant 0.0 : f32
    %s = arith.maximumf %e, %zero : f32
    kernel.yield %s
  } -> tensor<512x48xf32>
  %u = kernel.matmul rows of %step(%x : tensor<512x48xf32>) by (%wu : memref<1x48x48xf32>)
      into (%c : tensor<512x48xf32>)
      attributes {columns = array<i64: 48>, targets = [#kernel.to<rows>], accesses = [],
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  } -> tensor<512x48xf32>
  %y = kernel.map rows of %step(%h : tensor<512x48xf32>) with (%u : tensor<512x48xf32>) into (%d : tensor<512x48xf32>)
      attributes {columns = 48 : i64, target = #kernel.to<rows>, accesses = [#kernel.access<elements>]} {
  ^bb0(%e: f32, %f: f32):
    %s = arith.mulf %e, %f : f32
    kernel.yield %s
  } -> tensor<512x48xf32>
  return %y : tensor<512x48xf32>
}

// Someone else needs the rows without the activation.

// CHECK-LABEL: func @keeps_map_of_rows_with_two_users(
// CHECK: kernel.matmul
// CHECK: kernel.map
// CHECK: kernel.map
func.func @keeps_map_of_rows_with_two_users(%step: !kernel.step, %x: tensor<512x48xf32>, %w: memref<1x48x48xf32>) -> tensor<512x48xf32> {
  %to = tensor.empty() : tensor<512x48xf32>
  %to_2 = tensor.empty() : tensor<512x48xf32>
  %to_3 = tensor.empty() : tensor<512x48xf32>
  %m = kernel.matmul rows of %step(%x : tensor<512x48xf32>) by (%w : memref<1x48x48xf32>)
      into (%to : tensor<512x48xf32>)
      attributes {columns = array<i64: 48>, targets = [#kernel.to<rows>], accesses = [],
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  } -> tensor<512x48xf32>
  %a = kernel.map rows of %step(%m : tensor<512x48xf32>) into (%to_2 : tensor<512x48xf32>)
      attributes {columns = 48 : i64, target = #kernel.to<rows>, accesses = []} {
  ^bb0(%e: f32):
    %zero = arith.constant 0.0 : f32
    %s = arith.maximumf %e, %zero : f32
    kernel.yield %s
  } -> tensor<512x48xf32>
  %y = kernel.map rows of %step(%a : tensor<512x48xf32>) with (%m : tensor<512x48xf32>) into (%to_3 : tensor<512x48xf32>)
      attributes {columns = 48 : i64, target = #kernel.to<rows>, accesses = [#kernel.access<elements>]} {
  ^bb0(%e: f32, %f: f32):
    %s = arith.addf %e, %f : f32
    kernel.yield %s
  } -> tensor<512x48xf32>
  return %y : tensor<512x48xf32>
}

// A kernel has one period: a table of whole rows and one that repeats for each head
// do not go together.

// CHECK-LABEL: func @keeps_map_of_other_period(
// CHECK:      kernel.matmul
// CHECK-SAME: accesses = [#kernel.access<positions>]
// CHECK-NOT:  period
// CHECK:      kernel.map
// CHECK-SAME: period = 16 : i64
func.func @keeps_map_of_other_period(%step: !kernel.step, %x: tensor<512x48xf32>, %w: memref<1x48x48xf32>, %p: memref<64x48xf32>, %c: memref<64x32xf32>) -> tensor<512x48xf32> {
  %to = tensor.empty() : tensor<512x48xf32>
  %to_2 = tensor.empty() : tensor<512x48xf32>
  %m = kernel.matmul rows of %step(%x : tensor<512x48xf32>) by (%w : memref<1x48x48xf32>)
      with (%p : memref<64x48xf32>) into (%to : tensor<512x48xf32>)
      attributes {columns = array<i64: 48>, targets = [#kernel.to<rows>], accesses = [#kernel.access<positions>],
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32, %bias: f32):
    %s = arith.addf %acc, %bias : f32
    kernel.yield %s
  } -> tensor<512x48xf32>
  %y = kernel.map rows of %step(%m : tensor<512x48xf32>) with (%c : memref<64x32xf32>) into (%to_2 : tensor<512x48xf32>)
      attributes {columns = 48 : i64, target = #kernel.to<rows>, accesses = [#kernel.access<positions>], period = 16 : i64} {
  ^bb0(%e: f32, %f: f32):
    %s = arith.mulf %e, %f : f32
    kernel.yield %s
  } -> tensor<512x48xf32>
  return %y : tensor<512x48xf32>
}

// Gate and up of different rows stay two matmuls; the product goes into the first.

// CHECK-LABEL: func @keeps_gate_of_other_rows(
// CHECK:      accumulators = 1 : i64
// CHECK:      accumulators = 1 : i64
// CHECK-NOT:  kernel.map
func.func @keeps_gate_of_other_rows(%step: !kernel.step, %x: tensor<512x48xf32>, %z: tensor<512x48xf32>) -> tensor<512x48xf32> {
  %a = tensor.empty() : tensor<512x48xf32>
  %c = tensor.empty() : tensor<512x48xf32>
  %d = tensor.empty() : tensor<512x48xf32>
  %wg = kernel.weight [#kernel.part<origin = tensor, name = "gate", rows = 48, cols = 48>][]
      {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64} : memref<1x48x48xf32>
  %wu = kernel.weight [#kernel.part<origin = tensor, name = "up", rows = 48, cols = 48>][]
      {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64} : memref<1x48x48xf32>
  %g = kernel.matmul rows of %step(%x : tensor<512x48xf32>) by (%wg : memref<1x48x48xf32>)
      into (%a : tensor<512x48xf32>)
      attributes {columns = array<i64: 48>, targets = [#kernel.to<rows>], accesses = [],
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  } -> tensor<512x48xf32>
  %u = kernel.matmul rows of %step(%z : tensor<512x48xf32>) by (%wu : memref<1x48x48xf32>)
      into (%c : tensor<512x48xf32>)
      attributes {columns = array<i64: 48>, targets = [#kernel.to<rows>], accesses = [],
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  } -> tensor<512x48xf32>
  %y = kernel.map rows of %step(%g : tensor<512x48xf32>) with (%u : tensor<512x48xf32>) into (%d : tensor<512x48xf32>)
      attributes {columns = 48 : i64, target = #kernel.to<rows>, accesses = [#kernel.access<elements>]} {
  ^bb0(%e: f32, %f: f32):
    %s = arith.mulf %e, %f : f32
    kernel.yield %s
  } -> tensor<512x48xf32>
  return %y : tensor<512x48xf32>
}
}
