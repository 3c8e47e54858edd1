// RUN: transformer-opt %s --write-loop-results | FileCheck %s

// A loop that writes over what it carries is left alone.

// CHECK-LABEL: func @in_place
// CHECK:       scf.for
// CHECK:         %[[NORM:.+]] = kernel.norm
// CHECK-NEXT:    scf.yield %[[NORM]]
func.func @in_place(%step: !kernel.step, %x: tensor<512x8xf32>) -> tensor<512x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %r = scf.for %i = %c0 to %c4 step %c1 iter_args(%a = %x) -> (tensor<512x8xf32>) {
    %n = kernel.norm rows of %step(%a : tensor<512x8xf32>) into (%a : tensor<512x8xf32>)
        attributes {norm = #kernel.normalise<kind = rms, eps = 1.0e-5 : f64, group = 0>}
        -> tensor<512x8xf32>
    scf.yield %n : tensor<512x8xf32>
  }
  return %r : tensor<512x8xf32>
}

// What was made elsewhere is copied to where the next repetition reads.

// CHECK-LABEL: func @elsewhere
// CHECK:       scf.for {{.+}} iter_args(%[[CARRIED:.+]] = %{{.+}})
// CHECK:         %[[NORM:.+]] = kernel.norm
// CHECK:         %[[COPY:.+]] = kernel.map{{ +}}rows of %{{.+}}(%[[NORM]] : tensor<512x8xf32>) into(%[[CARRIED]] : tensor<512x8xf32>)
// CHECK:         scf.yield %[[COPY]]
func.func @elsewhere(%step: !kernel.step, %x: tensor<512x8xf32>) -> tensor<512x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %r = scf.for %i = %c0 to %c4 step %c1 iter_args(%a = %x) -> (tensor<512x8xf32>) {
    %e = tensor.empty() : tensor<512x8xf32>
    %n = kernel.norm rows of %step(%a : tensor<512x8xf32>) into (%e : tensor<512x8xf32>)
        attributes {norm = #kernel.normalise<kind = rms, eps = 1.0e-5 : f64, group = 0>}
        -> tensor<512x8xf32>
    scf.yield %n : tensor<512x8xf32>
  }
  return %r : tensor<512x8xf32>
}

// The rows that are copied are those of the kernel's step, of which there may be
// more than of the function's own.

// CHECK-LABEL: func @others
// CHECK-SAME:    %{{.+}}: !kernel.step, %[[MADE:[^:]+]]: !kernel.step
// CHECK:         kernel.map{{ +}}rows of %[[MADE]](
func.func @others(%step: !kernel.step, %made: !kernel.step, %x: tensor<512x8xf32>) -> tensor<512x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %r = scf.for %i = %c0 to %c4 step %c1 iter_args(%a = %x) -> (tensor<512x8xf32>) {
    %e = tensor.empty() : tensor<512x8xf32>
    %n = kernel.norm rows of %made(%a : tensor<512x8xf32>) into (%e : tensor<512x8xf32>)
        attributes {norm = #kernel.normalise<kind = rms, eps = 1.0e-5 : f64, group = 0>}
        -> tensor<512x8xf32>
    scf.yield %n : tensor<512x8xf32>
  }
  return %r : tensor<512x8xf32>
}
