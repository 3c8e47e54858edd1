// RUN: transformer-opt %s -split-input-file -verify-diagnostics


func.func @report_c1(%step: !kernel.step) {
  // expected-error @below {{attribute 'kernel' failed to satisfy constraint: 64-bit signless integer attribute whose value is non-negative}}
  kernel.report begin -1 of %step
  return
}
