// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @attention_c1(%x: tensor<?x8xf32>, %rows: !transformer.rows) {
  // expected-error @below {{8 heads cannot share 3 kv_heads evenly}}
  %o = transformer.attention none %x, %x, %x, %rows heads = 8 kv_heads = 3
      scale = 1.0 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @attention_c1_zero(%x: tensor<?x8xf32>, %rows: !transformer.rows) {
  // expected-error @below {{0 heads cannot share 0 kv_heads evenly}}
  %o = transformer.attention none %x, %x, %x, %rows heads = 0 kv_heads = 0
      scale = 1.0 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @attention_c2(%q: tensor<?x10xf32>, %x: tensor<?x8xf32>,
                        %rows: !transformer.rows) {
  // expected-error @below {{a query row of 10 values has no even 4 heads}}
  %o = transformer.attention none %q, %x, %x, %rows heads = 4 kv_heads = 4
      scale = 1.0 : tensor<?x10xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @attention_c3(%q: tensor<?x16xf32>, %x: tensor<?x8xf32>,
                        %rows: !transformer.rows) {
  // expected-error @below {{key rows have 8 values but 4 kv_heads of 4 need 16}}
  %o = transformer.attention none %q, %x, %x, %rows heads = 4 kv_heads = 4
      scale = 1.0 : tensor<?x16xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @attention_c4(%x: tensor<?x8xf32>, %v: tensor<?x6xf32>,
                        %rows: !transformer.rows) {
  // expected-error @below {{a value row of 6 values has no even 4 kv_heads}}
  %o = transformer.attention none %x, %x, %v, %rows heads = 4 kv_heads = 4
      scale = 1.0 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x6xf32>
  return
}

// -----

func.func @attention_c5_mask(%x: tensor<?x8xf32>, %rows: !transformer.rows) {
  // expected-error @below {{has a window beside a prefix}}
  %o = transformer.attention prefix %x, %x, %x, %rows heads = 2 kv_heads = 2
      scale = 1.0 window = 4
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @attention_c5_empty(%x: tensor<?x8xf32>, %rows: !transformer.rows) {
  // expected-error @below {{window is 0, not positive}}
  %o = transformer.attention causal %x, %x, %x, %rows heads = 2 kv_heads = 2
      scale = 1.0 window = 0
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @attention_c6_scale(%x: tensor<?x8xf32>, %rows: !transformer.rows) {
  // expected-error @below {{scale is INF, not finite}}
  %o = transformer.attention causal %x, %x, %x, %rows heads = 2 kv_heads = 2
      scale = 0x7FF0000000000000
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @attention_c6_softcap(%x: tensor<?x8xf32>, %rows: !transformer.rows) {
  // expected-error @below {{softcap is -1.000000e+00, not a finite number above 0}}
  %o = transformer.attention causal %x, %x, %x, %rows heads = 2 kv_heads = 2
      scale = 1.0 softcap = -1.0
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @attention_c7_rows(%x: tensor<?x8xf32>, %rows: !transformer.rows,
                             %b: tensor<3x16xf32>) {
  // expected-error @below {{bias has 3 rows for 2 heads}}
  %o = transformer.attention causal %x, %x, %x, %rows bias %b heads = 2
      kv_heads = 2 scale = 1.0 : tensor<?x8xf32>, tensor<?x8xf32>,
      tensor<?x8xf32>, tensor<3x16xf32>
  return
}

// -----

func.func @attention_c7_columns(%x: tensor<?x8xf32>, %rows: !transformer.rows,
                                %b: tensor<2x16xf32>) {
  // expected-error @below {{bias has 16 columns, none of them in the middle}}
  %o = transformer.attention none %x, %x, %x, %rows bias %b heads = 2
      kv_heads = 2 scale = 1.0 : tensor<?x8xf32>, tensor<?x8xf32>,
      tensor<?x8xf32>, tensor<2x16xf32>
  return
}

// -----

func.func @attention_c5_sinks(%x: tensor<?x8xf32>, %rows: !transformer.rows) {
  // expected-error @below {{sinks are 0, not positive}}
  %o = transformer.attention causal %x, %x, %x, %rows heads = 2 kv_heads = 2
      scale = 1.0 window = 4 sinks = 0
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @attention_c5_segment_alone(%x: tensor<?x8xf32>,
                                      %rows: !transformer.rows) {
  // expected-error @below {{segment is 4 but there is no window}}
  %o = transformer.attention causal %x, %x, %x, %rows heads = 2 kv_heads = 2
      scale = 1.0 segment = 4
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @attention_c5_global(%x: tensor<?x8xf32>, %rows: !transformer.rows) {
  // expected-error @below {{has global rows, which need sinks and no mask}}
  %o = transformer.attention causal %x, %x, %x, %rows heads = 2 kv_heads = 2
      scale = 1.0 window = 4 sinks = 2 global
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @attention_c5_sinks_alone(%x: tensor<?x8xf32>,
                                    %rows: !transformer.rows) {
  // expected-error @below {{sinks are 4 but there is no window}}
  %o = transformer.attention causal %x, %x, %x, %rows heads = 2 kv_heads = 2
      scale = 1.0 sinks = 4
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @attention_c8_most(%x: tensor<?x8xf32>, %rows: !transformer.rows) {
  // expected-error @below {{draws 257 segments, not 1 to 256}}
  %o = transformer.attention none %x, %x, %x, %rows heads = 2 kv_heads = 2
      scale = 1.0 window = 1 segment = 4 random = 257
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @attention_c8_segment(%x: tensor<?x8xf32>, %rows: !transformer.rows) {
  // expected-error @below {{draws segments, which need a segment and no mask}}
  %o = transformer.attention none %x, %x, %x, %rows heads = 2 kv_heads = 2
      scale = 1.0 window = 4 random = 3
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @attention_c8_mask(%x: tensor<?x8xf32>, %rows: !transformer.rows) {
  // expected-error @below {{draws segments, which need a segment and no mask}}
  %o = transformer.attention causal %x, %x, %x, %rows heads = 2 kv_heads = 2
      scale = 1.0 window = 1 segment = 4 random = 3
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @attention_c8_seed(%x: tensor<?x8xf32>, %rows: !transformer.rows) {
  // expected-error @below {{seed is -1, negative}}
  %o = transformer.attention none %x, %x, %x, %rows heads = 2 kv_heads = 2
      scale = 1.0 window = 1 segment = 4 random = 3 seed = -1
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @attention_c8_seed_alone(%x: tensor<?x8xf32>, %rows: !transformer.rows) {
  // expected-error @below {{seed is 1 without random}}
  %o = transformer.attention none %x, %x, %x, %rows heads = 2 kv_heads = 2
      scale = 1.0 seed = 1
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}
