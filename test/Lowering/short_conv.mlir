// RUN: transformer-opt %s --lower-to-kernel -split-input-file -verify-diagnostics | FileCheck %s

// Each repetition keeps its last three rows, in panels of 32 columns: 2 times
// 3 x 64 x 4 bytes, whatever the context; a sequence cannot be rewound.

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// CHECK-LABEL: func @conv_step
// CHECK-SAME:    kernel.cache_bytes = 1536 : i64
// CHECK-SAME:    kernel.recurrent
// CHECK:         scf.for
// CHECK:           arith.constant 768 : index
// CHECK:           %[[W:.+]] = kernel.weight [#kernel.part<origin = tensor, name = "layers.{i}.conv.weight", rows = 40, cols = 4>]
// CHECK-SAME:        memref<2x4x32xf32>
// CHECK:           kernel.short_conv %{{.+}}(%{{.+}} : tensor<512x40xf32>) by(%[[W]] : memref<2x4x32xf32>) bias(
// CHECK-SAME:        vectors = 2, lanes = 16
func.func @conv(%rows: !transformer.rows, %reals: tensor<?x40xf32>) -> tensor<?x40xf32>
    attributes {transformer.context = 100000 : i64, transformer.causal} {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %two = arith.constant 2 : index
  %x = transformer.input %reals : tensor<?x40xf32>
  %y = scf.for %i = %zero to %two step %one iter_args(%a = %x) -> tensor<?x40xf32> {
    %w = transformer.weight "layers.{i}.conv.weight"[%i] : tensor<40x4xf32>
    %v = transformer.weight "layers.{i}.conv.bias"[%i] : tensor<40xf32>
    %b = transformer.short_conv %a, %w, %rows bias %v
        : tensor<?x40xf32>, tensor<40x4xf32>, tensor<40xf32>
    scf.yield %b : tensor<?x40xf32>
  }
  return %y : tensor<?x40xf32>
}

}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v3", features = "", lanes = 8, matmul = [4, 3], gated = [3, 4],
    attention = [3, 4]>} {

func.func @stored(%rows: !transformer.rows, %reals: tensor<?x40xf32>) -> tensor<?x40xf32>
    attributes {transformer.context = 63 : i64, transformer.causal} {
  %x = transformer.input %reals : tensor<?x40xf32>
  %w = transformer.weight "conv.weight" {format = #transformer.format<bf16>} : tensor<40x3xf32>
  // expected-error @below {{is stored as bf16 but weighs vectors of f32}}
  %y = transformer.short_conv %x, %w, %rows : tensor<?x40xf32>, tensor<40x3xf32>
  return %y : tensor<?x40xf32>
}

}
