// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @weight_c1(%i: index) {
  // expected-error @below {{has no parts}}
  %w = kernel.weight []
    [] {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64} : memref<1x8x48xf32>
  return
}

// -----

func.func @weight_c2(%i: index) {
  // expected-error @below {{cannot be cut into panels of 48 with parts at multiples of 0 in runs of 0}}
  %w = kernel.weight [#kernel.part<origin = tensor, name = "a", rows = 40, cols = 8>]
    [] {panel = 48 : i64, align = 0 : i64, interleave = 0 : i64} : memref<1x8x48xf32>
  return
}

// -----

func.func @weight_c3(%i: index) {
  // expected-error @below {{part 'b' has 9 columns, the first has 8}}
  %w = kernel.weight [#kernel.part<origin = tensor, name = "a", rows = 40, cols = 8>, #kernel.part<origin = tensor, name = "b", rows = 40, cols = 9>]
    [] {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64} : memref<2x8x48xf32>
  return
}

// -----

func.func @weight_c4_one_part(%i: index) {
  // expected-error @below {{alternates runs of 24 rows of 1 parts at multiples of 24 in panels of 48}}
  %w = kernel.weight [#kernel.part<origin = tensor, name = "a", rows = 40, cols = 8>]
    [] {panel = 48 : i64, align = 24 : i64, interleave = 24 : i64} : memref<1x8x48xf32>
  return
}

// -----

func.func @weight_c4_panel(%i: index) {
  // expected-error @below {{alternates runs of 16 rows of 2 parts at multiples of 16 in panels of 48}}
  %w = kernel.weight [#kernel.part<origin = tensor, name = "a", rows = 40, cols = 8>, #kernel.part<origin = tensor, name = "b", rows = 40, cols = 8>]
    [] {panel = 48 : i64, align = 16 : i64, interleave = 16 : i64} : memref<2x8x48xf32>
  return
}

// -----

func.func @weight_c5_panels(%i: index) {
  // expected-error @below {{result is 2 x 8 x 48, its parts make 1 x 8 x 48}}
  %w = kernel.weight [#kernel.part<origin = tensor, name = "a", rows = 40, cols = 8>]
    [] {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64} : memref<2x8x48xf32>
  return
}

// -----

func.func @weight_c5_rows(%i: index) {
  // expected-error @below {{result is 40 x 9, its parts make 40 x 8}}
  %w = kernel.weight [#kernel.part<origin = tensor, name = "a", rows = 40, cols = 8>]
    [] {panel = 0 : i64, align = 1 : i64, interleave = 0 : i64} : memref<40x9xf32>
  return
}

// -----

func.func @weight_c6(%i: index) {
  // expected-error @below {{has 0 indices but 1 repetitions}}
  %w = kernel.weight [#kernel.part<origin = tensor, name = "a", rows = 40, cols = 8>]
    [] {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64, repeats = array<i64: 12>} : memref<1x8x48xf32>
  return
}

// -----

func.func @weight_static(%i: index) {
  // expected-error @below {{must be statically shaped memref}}
  %w = kernel.weight [#kernel.part<origin = tensor, name = "a", rows = 40, cols = 8>]
    [] {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64} : memref<?x8x48xf32>
  return
}

// -----

func.func @weight_c5_element() {
  // expected-error @below {{result is of 'f32', stored as bf16}}
  %w = kernel.weight [#kernel.part<origin = tensor, name = "a", rows = 40, cols = 8>]
    [] {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64, format = #kernel.format<bf16>} : memref<1x4x48xf32>
  return
}

// -----

func.func @weight_c5_groups() {
  // expected-error @below {{result is 1 x 1 x 408, its parts make 1 x 2 x 408}}
  %w = kernel.weight [#kernel.part<origin = tensor, name = "a", rows = 40, cols = 33>]
    [] {panel = 48 : i64, align = 48 : i64, interleave = 0 : i64, format = #kernel.format<int8>} : memref<1x1x408xi32>
  return
}

// -----

func.func @weight_c7_rows() {
  // expected-error @below {{is stored as bf16 in panels of 0, which need an even width}}
  %w = kernel.weight [#kernel.part<origin = tensor, name = "a", rows = 40, cols = 8>]
    [] {panel = 0 : i64, align = 1 : i64, interleave = 0 : i64, format = #kernel.format<bf16>} : memref<40x4xi32>
  return
}

// -----

func.func @weight_c7_odd() {
  // expected-error @below {{is stored as int4 in panels of 5, which need an even width}}
  %w = kernel.weight [#kernel.part<origin = tensor, name = "a", rows = 5, cols = 8>]
    [] {panel = 5 : i64, align = 5 : i64, interleave = 0 : i64, format = #kernel.format<int4>} : memref<1x1x22xi32>
  return
}
