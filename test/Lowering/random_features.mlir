// RUN: transformer-opt %s --lower-to-kernel | FileCheck %s

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// The weight has panels of 64 of its 70 rows, whatever the target's are, and stays f32.

// CHECK-LABEL: func @features_step
// CHECK: %[[W:.+]] = kernel.weight {{.*}}"feature.weight"{{.*}} memref<2x4x64xf32>
// CHECK: kernel.random_features 3 of rows of %{{.+}}(%{{.+}} : tensor<512x12xf32>) by(%[[W]] : memref<2x4x64xf32>) into(%{{.+}} : tensor<512x210xf32>) attributes {relative}
func.func @features(%rows: !transformer.rows, %reals: tensor<?x12xf32>) -> tensor<?x210xf32>
    attributes {transformer.context = 100 : i64, transformer.causal} {
  %x = transformer.input %reals : tensor<?x12xf32>
  %w = transformer.weight "feature.weight" : tensor<70x4xf32>
  %y = transformer.random_features %x, %w relative heads = 3 : tensor<?x12xf32>, tensor<70x4xf32>
  return %y : tensor<?x210xf32>
}

}
