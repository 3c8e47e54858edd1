// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// 8 query heads of 64 share 2 heads of keys (64) and values (32).

// CHECK-LABEL: func @grouped_query
// CHECK-SAME:    %[[Q:.+]]: tensor<?x512xf32>, %[[K:.+]]: tensor<?x128xf32>, %[[V:.+]]: tensor<?x64xf32>, %[[ROWS:.+]]: !transformer.rows
func.func @grouped_query(%q: tensor<?x512xf32>, %k: tensor<?x128xf32>,
                         %v: tensor<?x64xf32>, %rows: !transformer.rows)
    -> tensor<?x256xf32> {
  // CHECK: transformer.attention causal %[[Q]], %[[K]], %[[V]], %[[ROWS]] heads = 8 kv_heads = 2 scale = 1.250000e-01 window = 128 softcap = 5.000000e+01 : tensor<?x512xf32>, tensor<?x128xf32>, tensor<?x64xf32>
  %o = transformer.attention causal %q, %k, %v, %rows heads = 8 kv_heads = 2
      scale = 0.125 window = 128 softcap = 50.0
      : tensor<?x512xf32>, tensor<?x128xf32>, tensor<?x64xf32>
  return %o : tensor<?x256xf32>
}

// CHECK-LABEL: func @encoder
func.func @encoder(%x: tensor<?x768xf32>, %rows: !transformer.rows)
    -> tensor<?x768xf32> {
  // CHECK: transformer.attention none %{{.+}} heads = 12 kv_heads = 12 scale = 1.250000e-01 :
  %o = transformer.attention none %x, %x, %x, %rows heads = 12 kv_heads = 12
      scale = 0.125 : tensor<?x768xf32>, tensor<?x768xf32>, tensor<?x768xf32>
  return %o : tensor<?x768xf32>
}

// Segments of 64 rows with as many beside them, and 2 rows that see all.

// CHECK-LABEL: func @global
func.func @global(%x: tensor<?x8xf32>, %rows: !transformer.rows)
    -> tensor<?x8xf32> {
  // CHECK: transformer.attention none %{{.+}} heads = 2 kv_heads = 2 scale = 1.000000e+00 window = 65 segment = 64 sinks = 2 global :
  %o = transformer.attention none %x, %x, %x, %rows heads = 2 kv_heads = 2
      scale = 1.0 window = 65 segment = 64 sinks = 2 global
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return %o : tensor<?x8xf32>
}

// Of all other segments 3 are drawn.

// CHECK-LABEL: func @random
func.func @random(%x: tensor<?x8xf32>, %rows: !transformer.rows)
    -> tensor<?x8xf32> {
  // CHECK: transformer.attention none %{{.+}} window = 1 segment = 64 random = 3 seed = 7 :
  %o = transformer.attention none %x, %x, %x, %rows heads = 2 kv_heads = 2
      scale = 1.0 window = 1 segment = 64 random = 3 seed = 7
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return %o : tensor<?x8xf32>
}

// A window, and the first 4 rows beside it.

// CHECK-LABEL: func @sinks
func.func @sinks(%x: tensor<?x8xf32>, %rows: !transformer.rows)
    -> tensor<?x8xf32> {
  // CHECK: transformer.attention causal %{{.+}} heads = 2 kv_heads = 2 scale = 1.000000e+00 window = 16 sinks = 4 :
  %o = transformer.attention causal %x, %x, %x, %rows heads = 2 kv_heads = 2
      scale = 1.0 window = 16 sinks = 4
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return %o : tensor<?x8xf32>
}

// A bias by distance: the last column is for the row itself.

// CHECK-LABEL: func @biased
// CHECK-SAME:    %[[X:.+]]: tensor<?x8xf32>, %[[ROWS:.+]]: !transformer.rows, %[[BIAS:.+]]: tensor<2x16xf32>
func.func @biased(%x: tensor<?x8xf32>, %rows: !transformer.rows,
                  %b: tensor<2x16xf32>) -> tensor<?x8xf32> {
  // CHECK: transformer.attention causal %[[X]], %[[X]], %[[X]], %[[ROWS]] bias %[[BIAS]] heads = 2 kv_heads = 2 scale = 5.000000e-01 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<2x16xf32>
  %o = transformer.attention causal %x, %x, %x, %rows bias %b heads = 2
      kv_heads = 2 scale = 0.5 : tensor<?x8xf32>, tensor<?x8xf32>,
      tensor<?x8xf32>, tensor<2x16xf32>
  return %o : tensor<?x8xf32>
}

// The causal mask with a prefix.

// CHECK-LABEL: func @prefix
func.func @prefix(%x: tensor<?x8xf32>, %rows: !transformer.rows)
    -> tensor<?x8xf32> {
  // CHECK: transformer.attention prefix %{{.+}} heads = 2
  %o = transformer.attention prefix %x, %x, %x, %rows heads = 2 kv_heads = 2
      scale = 1.0 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return %o : tensor<?x8xf32>
}
