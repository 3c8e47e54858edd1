// RUN: transformer-opt %s --emit-loops --canonicalize --cse | FileCheck %s


// exp, tanh and erf are polynomials of +, * and fma, so that every machine rounds
// alike. How far they are off: math-accuracy.mlir.

// CHECK-NOT: math.{{exp|tanh|erf}}

// exp: the power of two goes into the exponent by integer arithmetic.

// CHECK-LABEL: func.func private @exp_map(
// CHECK:         math.roundeven
// CHECK-COUNT-7: math.fma
// CHECK:         arith.fptosi
// CHECK:         arith.shli
// CHECK:         arith.bitcast
func.func @exp(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x16xf32>
  kernel.map rows of %step(%x : memref<512x16xf32>) into (%x : memref<512x16xf32>)
      attributes {columns = 16 : i64, target = #kernel.to<rows>, accesses = []} {
  ^bb0(%e: f32):
    %s = math.exp %e : f32
    kernel.yield %s
  }
  return
}

// tanh: odd polynomial below 0.625, from exp(2|x|) beyond.

// CHECK-LABEL: func.func private @tanh_map(
// CHECK:         arith.constant dense<6.250000e-01>
// CHECK:         math.roundeven
// CHECK:         math.copysign
func.func @tanh(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x16xf32>
  kernel.map rows of %step(%x : memref<512x16xf32>) into (%x : memref<512x16xf32>)
      attributes {columns = 16 : i64, target = #kernel.to<rows>, accesses = []} {
  ^bb0(%e: f32):
    %s = math.tanh %e : f32
    kernel.yield %s
  }
  return
}

// erf: odd polynomial below 1, from exp of a polynomial beyond.

// CHECK-LABEL: func.func private @erf_map(
// CHECK:         math.roundeven
// CHECK:         math.copysign
func.func @erf(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x16xf32>
  kernel.map rows of %step(%x : memref<512x16xf32>) into (%x : memref<512x16xf32>)
      attributes {columns = 16 : i64, target = #kernel.to<rows>, accesses = []} {
  ^bb0(%e: f32):
    %s = math.erf %e : f32
    kernel.yield %s
  }
  return
}
