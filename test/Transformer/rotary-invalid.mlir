// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @rotary_c1(%x: tensor<?x8xf32>, %rows: !transformer.rows) {
  // expected-error @below {{a row of 8 values has no even heads of 6}}
  %y = transformer.rotary halves %x, %rows head_dim = 6 dim = 2
      frequencies = [1.0] : tensor<?x8xf32>
  return
}

// -----

func.func @rotary_c2_odd(%x: tensor<?x8xf32>, %rows: !transformer.rows) {
  // expected-error @below {{cannot turn 3 of a head's 4 values in pairs}}
  %y = transformer.rotary halves %x, %rows head_dim = 4 dim = 3
      frequencies = [1.0] : tensor<?x8xf32>
  return
}

// -----

func.func @rotary_c2_wide(%x: tensor<?x8xf32>, %rows: !transformer.rows) {
  // expected-error @below {{cannot turn 6 of a head's 4 values in pairs}}
  %y = transformer.rotary halves %x, %rows head_dim = 4 dim = 6
      frequencies = [1.0, 1.0, 1.0] : tensor<?x8xf32>
  return
}

// -----

func.func @rotary_c3_count(%x: tensor<?x8xf32>, %rows: !transformer.rows) {
  // expected-error @below {{has 1 frequencies for 2 pairs}}
  %y = transformer.rotary pairs %x, %rows head_dim = 4 dim = 4
      frequencies = [1.0] : tensor<?x8xf32>
  return
}

// -----

func.func @rotary_c3_finite(%x: tensor<?x8xf32>, %rows: !transformer.rows) {
  // expected-error @below {{frequency is INF, not finite}}
  %y = transformer.rotary pairs %x, %rows head_dim = 4 dim = 2
      frequencies = [0x7FF0000000000000] : tensor<?x8xf32>
  return
}

// -----

func.func @rotary_c4(%x: tensor<?x8xf32>, %rows: !transformer.rows) {
  // expected-error @below {{magnitude is nan, not finite}}
  %y = transformer.rotary pairs %x, %rows head_dim = 4 dim = 2
      frequencies = [1.0] magnitude = 0x7FF8000000000000 : tensor<?x8xf32>
  return
}
