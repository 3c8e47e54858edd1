// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// CHECK-LABEL: func @tiles
func.func @tiles(%q: tensor<?x24xf32>, %k: tensor<?x8xf32>, %v: tensor<?x10xf32>,
                 %t: tensor<49x6xf32>) -> tensor<?x30xf32> {
  // CHECK: transformer.grid_attention %{{.+}}, %{{.+}}, %{{.+}} table %{{.+}} grid = [8, 12] tile = 4 shift = 3 heads = 6 kv_heads = 2 scale = 5.000000e-01 : tensor<?x24xf32>, tensor<?x8xf32>, tensor<?x10xf32>, tensor<49x6xf32>
  %y = transformer.grid_attention %q, %k, %v table %t grid = [8, 12] tile = 4 shift = 3 heads = 6
      kv_heads = 2 scale = 0.5 : tensor<?x24xf32>, tensor<?x8xf32>, tensor<?x10xf32>, tensor<49x6xf32>
  return %y : tensor<?x30xf32>
}

// CHECK-LABEL: func @plain
func.func @plain(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK: transformer.grid_attention %{{.+}}, %{{.+}}, %{{.+}} grid = [5, 5] tile = 5 heads = 2 kv_heads = 2 scale = 1.000000e+00 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  %y = transformer.grid_attention %x, %x, %x grid = [5, 5] tile = 5 heads = 2 kv_heads = 2 scale = 1.0
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
