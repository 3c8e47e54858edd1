// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// What is not said is not printed: no division, all rows are seen.

// CHECK-LABEL: func @counting
// CHECK: transformer.score_attention relu causal %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}} heads = 2 kv_heads = 1 scale = 1.000000e+00 : tensor<?x8xf32>, tensor<?x4xf32>, tensor<?x1xf32>
func.func @counting(%q: tensor<?x8xf32>, %k: tensor<?x4xf32>, %v: tensor<?x1xf32>,
                    %rows: !transformer.rows) -> tensor<?x2xf32> {
  %o = transformer.score_attention relu causal %q, %k, %v, %rows heads = 2 kv_heads = 1
      scale = 1.0 : tensor<?x8xf32>, tensor<?x4xf32>, tensor<?x1xf32>
  return %o : tensor<?x2xf32>
}

// CHECK-LABEL: func @descent
// CHECK: transformer.score_attention linear none {{.+}} scale = 5.000000e-01 normalise = number but_last :
func.func @descent(%x: tensor<?x8xf32>, %rows: !transformer.rows) -> tensor<?x8xf32> {
  %o = transformer.score_attention linear none %x, %x, %x, %rows heads = 1 kv_heads = 1
      scale = 0.5 normalise = number but_last
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return %o : tensor<?x8xf32>
}
