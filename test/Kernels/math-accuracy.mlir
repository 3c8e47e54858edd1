// The polynomials of exp, tanh and erf against the C library, on a million floats
// of every exponent: how far they are off at most.

// RUN: transformer-opt %s --emit-loops --outline-parallel-loops --convert-scf-to-cf \
// RUN:   --convert-kernel-to-llvm --reconcile-unrealized-casts \
// RUN: | mlir-translate --mlir-to-llvmir | sed 's/define internal void @\([a-z]*_step\)(/define void @\1(/' > %t.ll
// RUN: llc -O2 -mcpu=native -relocation-model=pic -filetype=obj %t.ll -o %t.o
// RUN: cc -O2 -I %S/../.. %S/math-accuracy.c %t.o -lm -o %t
// RUN: %t | FileCheck %s

// CHECK: exp: {{[01]}}.{{.*}} ulp
// CHECK: tanh: {{[012]}}.{{.*}} ulp, absolute {{.*}}e-0{{[78]}}
// CHECK: erf: {{[012]}}.{{.*}} ulp, absolute {{.*}}e-0{{[78]}}

!rows = memref<512x2048xf32>

func.func @exp_step(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : !rows
  %y = kernel.buffer output of %step[%zero] : !rows
  kernel.map rows of %step(%x : !rows) into (%y : !rows)
      attributes {columns = 2048 : i64, target = #kernel.to<rows>, accesses = []} {
  ^bb0(%e: f32):
    %r = math.exp %e : f32
    kernel.yield %r
  }
  return
}

func.func @tanh_step(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : !rows
  %y = kernel.buffer output of %step[%zero] : !rows
  kernel.map rows of %step(%x : !rows) into (%y : !rows)
      attributes {columns = 2048 : i64, target = #kernel.to<rows>, accesses = []} {
  ^bb0(%e: f32):
    %r = math.tanh %e : f32
    kernel.yield %r
  }
  return
}

func.func @erf_step(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : !rows
  %y = kernel.buffer output of %step[%zero] : !rows
  kernel.map rows of %step(%x : !rows) into (%y : !rows)
      attributes {columns = 2048 : i64, target = #kernel.to<rows>, accesses = []} {
  ^bb0(%e: f32):
    %r = math.erf %e : f32
    kernel.yield %r
  }
  return
}
