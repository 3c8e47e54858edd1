// RUN: transformer-opt %s | transformer-opt | FileCheck %s


// A matrix as it is: rows one after the other.

// CHECK-LABEL: func @table
func.func @table() -> memref<100x8xf32> {
  // CHECK: kernel.weight [#kernel.part<origin = tensor, name = "embed.weight", rows = 100, cols = 8>][] {align = 1 : i64, interleave = 0 : i64, panel = 0 : i64} : memref<100x8xf32>
  %w = kernel.weight [#kernel.part<origin = tensor, name = "embed.weight", rows = 100, cols = 8>]
    [] {panel = 0 : i64, align = 1 : i64, interleave = 0 : i64} : memref<100x8xf32>
  return %w : memref<100x8xf32>
}

// Q, K and V side by side, each from a panel's start: 40 + 8 + 8 rows in 3 panels.

// CHECK-LABEL: func @stacked
// CHECK-SAME:    %[[LAYER:.+]]: index
func.func @stacked(%i: index) -> memref<3x8x48xf32> {
  // CHECK: kernel.weight [{{.+}}"layers.{i}.q"{{.+}}headDim = 8, rotaryDim = 4>, {{.+}}"layers.{i}.k"{{.+}}, {{.+}}"layers.{i}.v"{{.+}}][%[[LAYER]]] {{.+}}repeats = array<i64: 12>
  %w = kernel.weight [
      #kernel.part<origin = tensor, name = "layers.{i}.q", rows = 40, cols = 8, headDim = 8, rotaryDim = 4>,
      #kernel.part<origin = tensor, name = "layers.{i}.k", rows = 8, cols = 8>,
      #kernel.part<origin = tensor, name = "layers.{i}.v", rows = 8, cols = 8>]
    [%i] {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64, repeats = array<i64: 12>} : memref<3x8x48xf32>
  return %w : memref<3x8x48xf32>
}

// Gate and up alternate: 40 rows of each make two panels of 32 + 32.

// CHECK-LABEL: func @interleaved
func.func @interleaved() -> memref<2x8x64xf32> {
  // CHECK: interleave = 32 : i64, panel = 64 : i64
  %w = kernel.weight [
      #kernel.part<origin = tensor, name = "gate", rows = 40, cols = 8>,
      #kernel.part<origin = tensor, name = "up", rows = 40, cols = 8>]
    [] {panel = 64 : i64, align = 32 : i64, interleave = 32 : i64} : memref<2x8x64xf32>
  return %w : memref<2x8x64xf32>
}

// A vector is padded to whole panels; generated tables have frequencies.

// CHECK-LABEL: func @vector_and_table
func.func @vector_and_table() -> (memref<192xf32>, memref<16x24xf32>) {
  // CHECK: rows = 40, cols = 1, offset = 1.000000e+00 : f64>
  %b = kernel.weight [#kernel.part<origin = tensor, name = "norm.weight", rows = 40, cols = 1, offset = 1.0 : f64>]
    [] {panel = 192 : i64, align = 192 : i64, interleave = 0 : i64} : memref<192xf32>
  // CHECK: origin = rotary_cos, name = "", rows = 16, cols = 24, headDim = 8, rotaryDim = 4, magnitude = 1.000000e+00 : f64, frequencies = [1.000000e+00, 1.000000e-02]
  %t = kernel.weight [#kernel.part<origin = rotary_cos, name = "", rows = 16, cols = 24, headDim = 8, rotaryDim = 4,
      magnitude = 1.0 : f64, frequencies = [1.0, 0.01]>]
    [] {panel = 0 : i64, align = 1 : i64, interleave = 0 : i64} : memref<16x24xf32>
  return %b, %t : memref<192xf32>, memref<16x24xf32>
}

// Formats: two values in a word, or groups of 32 columns and their scales.

// CHECK-LABEL: func @formats
func.func @formats() {
  // CHECK: kernel.weight {{.+}}format = #kernel.format<bf16>{{.+}}memref<2x4x48xi32>
  %a = kernel.weight [#kernel.part<origin = tensor, name = "a", rows = 50, cols = 7>]
    [] {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64, format = #kernel.format<bf16>} : memref<2x4x48xi32>
  // CHECK: kernel.weight {{.+}}format = #kernel.format<int8>{{.+}}memref<1x2x408xi32>
  %b = kernel.weight [#kernel.part<origin = tensor, name = "b", rows = 40, cols = 33>]
    [] {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64, format = #kernel.format<int8>} : memref<1x2x408xi32>
  // CHECK: kernel.weight {{.+}}format = #kernel.format<int4>{{.+}}memref<1x1x216xi32>
  %c = kernel.weight [#kernel.part<origin = tensor, name = "c", rows = 40, cols = 32>]
    [] {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64, format = #kernel.format<int4>} : memref<1x1x216xi32>
  return
}
