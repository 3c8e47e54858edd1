// RUN: transformer-opt %s --lower-to-kernel -split-input-file -verify-diagnostics | FileCheck %s

// A decoder of queries over an image: the encoder's function reads the image, the
// step nothing. What the latter's rows are is written over rows that nobody has
// made.

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// CHECK-LABEL: func @boxes_encode
// CHECK-SAME:    kernel.context = 9 : i64, kernel.input = array<i64: 3, 6, 6>
// CHECK:         kernel.patches
// CHECK:         kernel.map {{.+}}target = #kernel.to<keys>
// CHECK-LABEL: func @boxes_step
// CHECK-SAME:    kernel.context = 3 : i64, kernel.input = array<i64>
// CHECK:         %[[EMPTY:.+]] = tensor.empty() : tensor<512x12xf32>
// CHECK:         kernel.prepend %{{.+}} : memref<3x12xf32>) into(%[[EMPTY]] : tensor<512x12xf32>)
// CHECK:         kernel.attention {{.+}}mask = #kernel.mask<source>
func.func @boxes_encoder(%rows: !transformer.rows, %images: tensor<?x3x6x6xf32>) -> tensor<?x12xf32>
    attributes {transformer.context = 9 : i64} {
  %x = transformer.patches %images size = 2 : tensor<?x3x6x6xf32>
  return %x : tensor<?x12xf32>
}
func.func @boxes(%rows: !transformer.rows, %source: !transformer.rows, %memory: tensor<?x12xf32>)
    -> tensor<?x12xf32>
    attributes {transformer.context = 3 : i64, transformer.encoder = @boxes_encoder} {
  %table = transformer.weight "decoder.queries.weight" : tensor<3x12xf32>
  %x = transformer.queries %rows, %table : tensor<3x12xf32>
  %y = transformer.cross_attention %x, %memory, %memory, %rows, %source heads = 2 kv_heads = 2
      scale = 0.5 : tensor<?x12xf32>, tensor<?x12xf32>, tensor<?x12xf32>
  return %y : tensor<?x12xf32>
}

}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {
func.func @too_few(%rows: !transformer.rows) -> tensor<?x8xf32>
    attributes {transformer.context = 4 : i64} {
  %table = transformer.weight "queries.weight" : tensor<3x8xf32>
  // expected-error @below {{has 3 rows, but sequences of the model 4}}
  %x = transformer.queries %rows, %table : tensor<3x8xf32>
  return %x : tensor<?x8xf32>
}
}
