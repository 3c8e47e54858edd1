// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// CHECK-LABEL: func @unrepeated
func.func @unrepeated() -> (tensor<64x8xf32>, tensor<8xf32>) {
  // CHECK: transformer.weight "embed.weight" : tensor<64x8xf32>
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  // CHECK: transformer.weight "norm.bias" : tensor<8xf32>
  %bias = transformer.weight "norm.bias" : tensor<8xf32>
  return %table, %bias : tensor<64x8xf32>, tensor<8xf32>
}

// CHECK-LABEL: func @formats
func.func @formats() -> (tensor<64x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>) {
  // CHECK: "embed.weight" {format = #transformer.format<bf16>} : tensor<64x8xf32>
  %table = transformer.weight "embed.weight" {format = #transformer.format<bf16>}
      : tensor<64x8xf32>
  // CHECK: "up.weight" {format = #transformer.format<int8>} : tensor<8x8xf32>
  %up = transformer.weight "up.weight" {format = #transformer.format<int8>}
      : tensor<8x8xf32>
  // CHECK: "down.weight" {format = #transformer.format<int4>} : tensor<8x8xf32>
  %down = transformer.weight "down.weight" {format = #transformer.format<int4>}
      : tensor<8x8xf32>
  return %table, %up, %down : tensor<64x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>
}

// The innermost repetition comes first.

// CHECK-LABEL: func @repeated
// CHECK-SAME:    %[[I:.+]]: index, %[[J:.+]]: index
func.func @repeated(%i: index, %j: index) -> tensor<8x8xf32> {
  // CHECK: transformer.weight "stages.{j}.layers.{i}.up.weight"[%[[I]], %[[J]]]
  %w = transformer.weight "stages.{j}.layers.{i}.up.weight"[%i, %j]
      : tensor<8x8xf32>
  return %w : tensor<8x8xf32>
}
