// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// CHECK-LABEL: func @softcap
func.func @softcap(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK: transformer.softcap %{{.+}} at 3.000000e+01 : tensor<?x8xf32>
  %y = transformer.softcap %x at 30.0 : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
