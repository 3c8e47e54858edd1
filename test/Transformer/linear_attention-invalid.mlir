// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @linear_attention_c1(%x: tensor<?x8xf32>, %rows: !transformer.rows) {
  // expected-error @below {{3 heads cannot share 2 kv_heads evenly}}
  %y = transformer.linear_attention none rows %x, %x, %x, %rows heads = 3 kv_heads = 2
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @linear_attention_c3(%q: tensor<?x8xf32>, %k: tensor<?x6xf32>, %rows: !transformer.rows) {
  // expected-error @below {{key rows have 6 values but 2 kv_heads of 4 need 8}}
  %y = transformer.linear_attention none rows %q, %k, %k, %rows heads = 2 kv_heads = 2
      : tensor<?x8xf32>, tensor<?x6xf32>, tensor<?x6xf32>
  return
}

// -----

func.func @linear_attention_c5(%x: tensor<?x8xf32>, %d: tensor<2xf32>, %rows: !transformer.rows) {
  // expected-error @below {{decays with the mask prefix and the divisor rows, expected causal and none or rows}}
  %y = transformer.linear_attention prefix rows %x, %x, %x, %rows decay %d heads = 2 kv_heads = 2
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<2xf32>
  return
}

// -----

func.func @linear_attention_c5_number(%x: tensor<?x8xf32>, %d: tensor<2xf32>, %rows: !transformer.rows) {
  // expected-error @below {{decays with the mask causal and the divisor number, expected causal and none or rows}}
  %y = transformer.linear_attention causal number %x, %x, %x, %rows decay %d heads = 2 kv_heads = 2
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<2xf32>
  return
}

// -----

func.func @linear_attention_c6(%x: tensor<?x8xf32>, %d: tensor<2xf32>, %rows: !transformer.rows) {
  // expected-error @below {{decay has 2 values for 4 kv_heads}}
  %y = transformer.linear_attention causal rows %x, %x, %x, %rows decay %d heads = 4 kv_heads = 4
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<2xf32>
  return
}

// -----

func.func @linear_attention_c6_rows(%x: tensor<?x8xf32>, %d: tensor<?x3xf32>, %rows: !transformer.rows) {
  // expected-error @below {{decay has 3 values for 2 kv_heads}}
  %y = transformer.linear_attention causal rows %x, %x, %x, %rows decay %d heads = 2 kv_heads = 2
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x3xf32>
  return
}

// -----

func.func @linear_attention_c7(%x: tensor<?x8xf32>, %b: tensor<?x2xf32>, %rows: !transformer.rows) {
  // expected-error @below {{follows the delta rule with the mask causal and the divisor rows, expected causal and none}}
  %y = transformer.linear_attention causal rows %x, %x, %x, %rows delta %b : tensor<?x2xf32>
      heads = 2 kv_heads = 2 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @linear_attention_c7_mask(%x: tensor<?x8xf32>, %b: tensor<?x2xf32>, %rows: !transformer.rows) {
  // expected-error @below {{follows the delta rule with the mask none and the divisor none, expected causal and none}}
  %y = transformer.linear_attention none none %x, %x, %x, %rows delta %b : tensor<?x2xf32>
      heads = 2 kv_heads = 2 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @linear_attention_c7_columns(%x: tensor<?x8xf32>, %b: tensor<?x4xf32>, %rows: !transformer.rows) {
  // expected-error @below {{delta has 4 values for 2 kv_heads}}
  %y = transformer.linear_attention causal none %x, %x, %x, %rows delta %b : tensor<?x4xf32>
      heads = 2 kv_heads = 2 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}
