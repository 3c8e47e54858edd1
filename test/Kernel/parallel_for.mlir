// RUN: transformer-opt %s | transformer-opt | FileCheck %s


func.func private @body(!kernel.step, index, index, index)

// CHECK-LABEL: func @captures
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step, %[[N:.+]]: index, %[[LAYER:.+]]: index
func.func @captures(%step: !kernel.step, %n: index, %layer: index) {
  // CHECK: kernel.parallel_for @body(%[[STEP]], %[[LAYER]]) to %[[N]] by %[[STEP]] : !kernel.step, index
  kernel.parallel_for @body(%step, %layer) to %n by %step : !kernel.step, index
  return
}
