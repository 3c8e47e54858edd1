// RUN: transformer-opt %s -split-input-file -verify-diagnostics


func.func @parallel_for_c1(%step: !kernel.step, %n: index) {
  // expected-error @below {{'nobody' names no function}}
  kernel.parallel_for @nobody(%step) to %n by %step : !kernel.step
  return
}

// -----

func.func private @body(!kernel.step, index)
func.func @parallel_for_c2(%step: !kernel.step, %n: index) {
  // expected-error @below {{'body' is '(!kernel.step, index) -> ()', expected '(!kernel.step, index, index) -> ()'}}
  kernel.parallel_for @body(%step) to %n by %step : !kernel.step
  return
}
