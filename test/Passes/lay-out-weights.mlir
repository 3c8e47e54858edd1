// RUN: transformer-opt %s --lay-out-weights -split-input-file | FileCheck %s

// In the order of reading, each at a multiple of 64 bytes; the same weight twice is
// one place.

// CHECK:      module attributes {kernel.layout = {bytes = 3648 : i64, weights = [
// CHECK-SAME: bytes = 448 : i64, {{.*}}offset = 0 : i64
// CHECK-SAME: name = "embed.weight", rows = 10, cols = 10>
// CHECK-SAME: bytes = 3200 : i64, {{.*}}offset = 448 : i64
// CHECK-LABEL: func @shared(
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step
func.func @shared(%step: !kernel.step) -> (memref<10x10xf32>, memref<1x16x50xf32>, memref<10x10xf32>) {
  // CHECK:      %[[FIRST:.+]] = arith.constant 0 : index
  // CHECK-NEXT: %[[A:.+]] = kernel.buffer weights of %[[STEP]][%[[FIRST]]] : memref<10x10xf32>
  %a = kernel.weight [#kernel.part<origin = tensor, name = "embed.weight", rows = 10, cols = 10>][]
      {panel = 0 : i64, align = 1 : i64, interleave = 0 : i64} : memref<10x10xf32>
  // CHECK:      %[[SECOND:.+]] = arith.constant 448 : index
  // CHECK-NEXT: %[[B:.+]] = kernel.buffer weights of %[[STEP]][%[[SECOND]]] : memref<1x16x50xf32>
  %b = kernel.weight [#kernel.part<origin = tensor, name = "up.weight", rows = 50, cols = 16>][]
      {panel = 50 : i64, align = 50 : i64, interleave = 0 : i64} : memref<1x16x50xf32>
  // CHECK:      %[[AGAIN:.+]] = arith.constant 0 : index
  // CHECK-NEXT: %[[C:.+]] = kernel.buffer weights of %[[STEP]][%[[AGAIN]]] : memref<10x10xf32>
  %c = kernel.weight [#kernel.part<origin = tensor, name = "embed.weight", rows = 10, cols = 10>][]
      {panel = 0 : i64, align = 1 : i64, interleave = 0 : i64} : memref<10x10xf32>
  return %a, %b, %c : memref<10x10xf32>, memref<1x16x50xf32>, memref<10x10xf32>
}

// -----

// Weights of a repetition lie together: 12 times 128 + 64 bytes, one stride for both.

// CHECK:      bytes = 2304 : i64
// CHECK-SAME: repeats = array<i64: 12>, strides = array<i64: 192>
// CHECK-SAME: offset = 128 : i64, {{.*}}repeats = array<i64: 12>, strides = array<i64: 192>
// CHECK-LABEL: func @layers(
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step, %[[LAYER:.+]]: index
func.func @layers(%step: !kernel.step, %i: index) -> (memref<4x8xf32>, memref<16xf32>) {
  // CHECK:      %[[STRIDE:.+]] = arith.constant 192 : index
  // CHECK:      %[[MOVED:.+]] = arith.muli %[[LAYER]], %[[STRIDE]]
  // CHECK:      %[[AT:.+]] = arith.addi %{{.+}}, %[[MOVED]]
  // CHECK:      kernel.buffer weights of %[[STEP]][%[[AT]]] : memref<4x8xf32>
  %w = kernel.weight [#kernel.part<origin = tensor, name = "layers.{i}.w", rows = 4, cols = 8>][%i]
      {panel = 0 : i64, align = 1 : i64, interleave = 0 : i64, repeats = array<i64: 12>} : memref<4x8xf32>
  // CHECK:      %[[START:.+]] = arith.constant 128 : index
  // CHECK:      arith.addi %[[START]],
  %b = kernel.weight [#kernel.part<origin = tensor, name = "layers.{i}.b", rows = 8, cols = 1>][%i]
      {panel = 16 : i64, align = 16 : i64, interleave = 0 : i64, repeats = array<i64: 12>} : memref<16xf32>
  return %w, %b : memref<4x8xf32>, memref<16xf32>
}

// -----

// Two loops: the outer one moves by all repetitions of the inner one.

// CHECK:      bytes = 768 : i64
// CHECK-SAME: repeats = array<i64: 3, 2>, strides = array<i64: 128, 384>
// CHECK-LABEL: func @stages(
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step, %[[I:.+]]: index, %[[J:.+]]: index
func.func @stages(%step: !kernel.step, %i: index, %j: index) -> memref<4x8xf32> {
  // CHECK-DAG: %[[INNER:.+]] = arith.constant 128 : index
  // CHECK-DAG: %[[OUTER:.+]] = arith.constant 384 : index
  // CHECK-DAG: arith.muli %[[I]], %[[INNER]]
  // CHECK-DAG: arith.muli %[[J]], %[[OUTER]]
  %w = kernel.weight [#kernel.part<origin = tensor, name = "stages.{j}.layers.{i}.w", rows = 4, cols = 8>][%i, %j]
      {panel = 0 : i64, align = 1 : i64, interleave = 0 : i64, repeats = array<i64: 3, 2>} : memref<4x8xf32>
  return %w : memref<4x8xf32>
}
