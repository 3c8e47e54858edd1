// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @cross_attention_c1(%q: tensor<?x8xf32>, %k: tensor<?x8xf32>,
    %v: tensor<?x8xf32>, %rows: !transformer.rows, %source: !transformer.rows) {
  // expected-error @below {{8 heads cannot share 3 kv_heads evenly}}
  %o = transformer.cross_attention %q, %k, %v, %rows, %source heads = 8 kv_heads = 3
      scale = 1.0 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @cross_attention_c2(%q: tensor<?x10xf32>, %k: tensor<?x8xf32>,
    %v: tensor<?x8xf32>, %rows: !transformer.rows, %source: !transformer.rows) {
  // expected-error @below {{a query row of 10 values has no even 4 heads}}
  %o = transformer.cross_attention %q, %k, %v, %rows, %source heads = 4 kv_heads = 4
      scale = 1.0 : tensor<?x10xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @cross_attention_c3(%q: tensor<?x16xf32>, %k: tensor<?x8xf32>,
    %v: tensor<?x8xf32>, %rows: !transformer.rows, %source: !transformer.rows) {
  // expected-error @below {{key rows have 8 values but 4 kv_heads of 4 need 16}}
  %o = transformer.cross_attention %q, %k, %v, %rows, %source heads = 4 kv_heads = 4
      scale = 1.0 : tensor<?x16xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @cross_attention_c4(%q: tensor<?x8xf32>, %k: tensor<?x8xf32>,
    %v: tensor<?x6xf32>, %rows: !transformer.rows, %source: !transformer.rows) {
  // expected-error @below {{a value row of 6 values has no even 4 kv_heads}}
  %o = transformer.cross_attention %q, %k, %v, %rows, %source heads = 4 kv_heads = 4
      scale = 1.0 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x6xf32>
  return
}

// -----

func.func @cross_attention_c5_scale(%q: tensor<?x8xf32>, %k: tensor<?x8xf32>,
    %v: tensor<?x8xf32>, %rows: !transformer.rows, %source: !transformer.rows) {
  // expected-error @below {{scale is INF, not finite}}
  %o = transformer.cross_attention %q, %k, %v, %rows, %source heads = 4 kv_heads = 4
      scale = 0x7FF0000000000000 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @cross_attention_c5_softcap(%q: tensor<?x8xf32>, %k: tensor<?x8xf32>,
    %v: tensor<?x8xf32>, %rows: !transformer.rows, %source: !transformer.rows) {
  // expected-error @below {{softcap is -1.000000e+00, not a finite number above 0}}
  %o = transformer.cross_attention %q, %k, %v, %rows, %source heads = 4 kv_heads = 4
      scale = 1.0 softcap = -1.0 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}
