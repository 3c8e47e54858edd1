// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// CHECK-LABEL: func @vectors
func.func @vectors(%reals: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK: transformer.input %{{.+}} : tensor<?x8xf32>
  %x = transformer.input %reals : tensor<?x8xf32>
  return %x : tensor<?x8xf32>
}
