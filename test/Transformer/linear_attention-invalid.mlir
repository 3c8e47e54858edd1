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

func.func @linear_attention_c5(%x: tensor<?x8xf32>, %rows: !transformer.rows) {
  // expected-error @below {{has a prefix, which softmax alone has}}
  %y = transformer.linear_attention prefix rows %x, %x, %x, %rows heads = 2 kv_heads = 2
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}
