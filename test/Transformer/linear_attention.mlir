// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// CHECK-LABEL: func @grouped
func.func @grouped(%q: tensor<?x24xf32>, %k: tensor<?x8xf32>, %v: tensor<?x10xf32>,
                   %rows: !transformer.rows) -> tensor<?x30xf32> {
  // CHECK: transformer.linear_attention causal rows {{.+}} heads = 6 kv_heads = 2 : tensor<?x24xf32>, tensor<?x8xf32>, tensor<?x10xf32>
  %y = transformer.linear_attention causal rows %q, %k, %v, %rows heads = 6 kv_heads = 2
      : tensor<?x24xf32>, tensor<?x8xf32>, tensor<?x10xf32>
  return %y : tensor<?x30xf32>
}

// CHECK-LABEL: func @decays
func.func @decays(%x: tensor<?x8xf32>, %each: tensor<?x2xf32>, %all: tensor<2xf32>,
                  %rows: !transformer.rows) -> tensor<?x8xf32> {
  // CHECK: transformer.linear_attention causal none {{.+}} decay %{{.+}} heads = 2 kv_heads = 2 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x2xf32>
  %y = transformer.linear_attention causal none %x, %x, %x, %rows decay %each heads = 2 kv_heads = 2
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x2xf32>
  // CHECK: transformer.linear_attention causal rows {{.+}} decay %{{.+}} heads = 2 kv_heads = 2 : {{.+}}, tensor<2xf32>
  %z = transformer.linear_attention causal rows %y, %y, %y, %rows decay %all heads = 2 kv_heads = 2
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<2xf32>
  // CHECK: transformer.linear_attention prefix rows
  %p = transformer.linear_attention prefix rows %z, %z, %z, %rows heads = 2 kv_heads = 2
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return %p : tensor<?x8xf32>
}

// CHECK-LABEL: func @corrects
func.func @corrects(%x: tensor<?x8xf32>, %share: tensor<?x2xf32>, %all: tensor<2xf32>,
                    %rows: !transformer.rows) -> tensor<?x8xf32> {
  // CHECK: transformer.linear_attention causal none {{.+}}, %{{.+}} delta %{{.+}} : tensor<?x2xf32> heads = 2 kv_heads = 2 : tensor
  %y = transformer.linear_attention causal none %x, %x, %x, %rows delta %share : tensor<?x2xf32>
      heads = 2 kv_heads = 2 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  // CHECK: transformer.linear_attention causal none {{.+}} decay %{{.+}} delta %{{.+}} : tensor<?x2xf32> heads = 2 kv_heads = 2 : {{.+}}, tensor<2xf32>
  %z = transformer.linear_attention causal none %y, %y, %y, %rows decay %all delta %share : tensor<?x2xf32>
      heads = 2 kv_heads = 2 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<2xf32>
  return %z : tensor<?x8xf32>
}

// CHECK-LABEL: func @features
func.func @features(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK: transformer.activation elu_plus_one
  // CHECK: transformer.activation exp
  %a = transformer.activation elu_plus_one %x : tensor<?x8xf32>
  %b = transformer.activation exp %a : tensor<?x8xf32>
  return %b : tensor<?x8xf32>
}
