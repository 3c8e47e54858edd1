// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// 8 query heads of 64 share 2 heads of keys (64) and values (32) of the source.

// CHECK-LABEL: func @cross
// CHECK-SAME:    %[[Q:.+]]: tensor<?x512xf32>, %[[K:.+]]: tensor<?x128xf32>, %[[V:.+]]: tensor<?x64xf32>, %[[ROWS:.+]]: !transformer.rows, %[[SOURCE:.+]]: !transformer.rows
func.func @cross(%q: tensor<?x512xf32>, %k: tensor<?x128xf32>,
                 %v: tensor<?x64xf32>, %rows: !transformer.rows,
                 %source: !transformer.rows) -> tensor<?x256xf32> {
  // CHECK: transformer.cross_attention %[[Q]], %[[K]], %[[V]], %[[ROWS]], %[[SOURCE]] heads = 8 kv_heads = 2 scale = 1.250000e-01 softcap = 5.000000e+01 : tensor<?x512xf32>, tensor<?x128xf32>, tensor<?x64xf32>
  %o = transformer.cross_attention %q, %k, %v, %rows, %source heads = 8
      kv_heads = 2 scale = 0.125 softcap = 50.0
      : tensor<?x512xf32>, tensor<?x128xf32>, tensor<?x64xf32>
  return %o : tensor<?x256xf32>
}
