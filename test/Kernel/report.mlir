// RUN: transformer-opt %s | transformer-opt | FileCheck %s


// A kernel's begin and end, by its number.

// CHECK-LABEL: func @report
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step
func.func @report(%step: !kernel.step) {
  // CHECK: kernel.report begin 3 of %[[STEP]]
  kernel.report begin 3 of %step
  // CHECK: kernel.report end 3 of %[[STEP]]
  kernel.report end 3 of %step
  return
}
