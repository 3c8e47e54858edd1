// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @softcap_c1(%x: tensor<?x8xf32>) {
  // expected-error @below {{cap is 0.000000e+00, not a finite number above 0}}
  %y = transformer.softcap %x at 0.0 : tensor<?x8xf32>
  return
}
