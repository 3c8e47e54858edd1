// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// CHECK-LABEL: func @plain
func.func @plain(%step: !kernel.step, %q: tensor<512x64xf32>, %k: tensor<512x32xf32>,
                 %v: tensor<512x48xf32>) -> tensor<512x96xf32> {
  %e = tensor.empty() : tensor<512x96xf32>
  // CHECK: kernel.grid_attention %{{.+}}(%{{.+}}, %{{.+}}, %{{.+}} : tensor<512x64xf32>, tensor<512x32xf32>, tensor<512x48xf32>) into
  // CHECK-SAME: grid = array<i64: 7, 7>, heads = 4 : i64, kvHeads = 2 : i64
  // CHECK-SAME: shift = 0 : i64, tile = 7 : i64
  %r = kernel.grid_attention %step(%q, %k, %v : tensor<512x64xf32>, tensor<512x32xf32>, tensor<512x48xf32>)
      into (%e : tensor<512x96xf32>)
      attributes {heads = 4 : i64, kvHeads = 2 : i64, grid = array<i64: 7, 7>, tile = 7 : i64,
                  shift = 0 : i64, scale = 2.5e-01 : f64,
                  schedule = #kernel.schedule<rows = 12, vectors = 2, lanes = 16>}
      -> tensor<512x96xf32>
  return %r : tensor<512x96xf32>
}
