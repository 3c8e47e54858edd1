// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @score_attention_c1(%x: tensor<?x8xf32>, %rows: !transformer.rows) {
  // expected-error @below {{8 heads cannot share 3 kv_heads evenly}}
  %o = transformer.score_attention linear none %x, %x, %x, %rows heads = 8 kv_heads = 3
      scale = 1.0 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @score_attention_c3(%q: tensor<?x16xf32>, %x: tensor<?x8xf32>,
                              %rows: !transformer.rows) {
  // expected-error @below {{key rows have 8 values but 4 kv_heads of 4 need 16}}
  %o = transformer.score_attention relu none %q, %x, %x, %rows heads = 4 kv_heads = 4
      scale = 1.0 : tensor<?x16xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @score_attention_c5(%x: tensor<?x8xf32>, %rows: !transformer.rows) {
  // expected-error @below {{scale is INF, not finite}}
  %o = transformer.score_attention relu none %x, %x, %x, %rows heads = 2 kv_heads = 2
      scale = 0x7FF0000000000000
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @score_attention_c6(%x: tensor<?x8xf32>, %rows: !transformer.rows) {
  // expected-error @below {{divides a mean of the best rows again}}
  %o = transformer.score_attention hard none %x, %x, %x, %rows heads = 2 kv_heads = 2
      scale = 1.0 normalise = rows
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @score_attention_c7(%x: tensor<?x8xf32>, %rows: !transformer.rows) {
  // expected-error @below {{leaves out the last row but has a causal mask}}
  %o = transformer.score_attention linear causal %x, %x, %x, %rows heads = 2 kv_heads = 2
      scale = 1.0 but_last
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @score_attention_c8(%x: tensor<?x8xf32>, %rows: !transformer.rows) {
  // expected-error @below {{has a prefix, which scores as weights do not take}}
  %o = transformer.score_attention linear prefix %x, %x, %x, %rows heads = 2
      kv_heads = 2 scale = 1.0 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}
