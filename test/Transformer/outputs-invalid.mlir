// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @outputs_elements(%x: tensor<?x8xf16>, %rows: !transformer.rows) {
  // expected-error @below {{must be rows of f32 values of a known width}}
  %y = transformer.outputs %x, %rows : tensor<?x8xf16>
  return
}
