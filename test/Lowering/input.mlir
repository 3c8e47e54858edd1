// RUN: transformer-opt %s --lower-to-kernel | FileCheck %s

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// A copy of the caller's rows, over which later kernels may write.

// CHECK-LABEL: func @reals_step
// CHECK: %[[INPUT:.+]] = kernel.buffer input of %{{.+}} : memref<512x5xf32>
// CHECK: kernel.map rows of %{{.+}}(%[[INPUT]] : memref<512x5xf32>) into(%{{.+}} : tensor<512x5xf32>)
func.func @reals(%rows: !transformer.rows, %reals: tensor<?x5xf32>) -> tensor<?x5xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %x = transformer.input %reals : tensor<?x5xf32>
  return %x : tensor<?x5xf32>
}

}
