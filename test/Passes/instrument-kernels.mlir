// RUN: transformer-opt %s -split-input-file --instrument-kernels | FileCheck %s

// Each kernel reports its begin and end; the norm that a matmul begins with is
// a kernel of its own.

module attributes {kernel.profile} {
// CHECK-LABEL: func @model_step(
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step, %[[X:[^ ]+]]: memref<512x48xf32>, %[[ROWS:[^ ]+]]: memref<512x48xf32>,
// CHECK-NEXT: kernel.report begin 0 of %[[STEP]]
// CHECK-NEXT: kernel.norm rows of %[[STEP]](%[[X]] : memref<512x48xf32>) norm({{.*}}) into(%[[ROWS]] : memref<512x48xf32>) {{.*}}kernel.name = "mlp.norm"
// CHECK-NEXT: kernel.report end 0 of %[[STEP]]
// CHECK-NEXT: kernel.report begin 1 of %[[STEP]]
// CHECK-NEXT: kernel.matmul rows of %[[STEP]](%[[ROWS]] : memref<512x48xf32>) by
// CHECK-NOT:    norm =
// CHECK:      kernel.report end 1 of %[[STEP]]
// CHECK-NEXT: return
func.func @model_step(%step: !kernel.step, %x: memref<512x48xf32>, %rows: memref<512x48xf32>, %y: memref<512x48xf32>,
                      %n: memref<48xf32>, %w: memref<1x48x48xf32>) {
  kernel.matmul rows of %step(%x : memref<512x48xf32>) norm (%n : memref<48xf32>) by (%w : memref<1x48x48xf32>)
      into (%rows, %y : memref<512x48xf32>, memref<512x48xf32>)
      attributes {columns = array<i64: 48>, targets = [#kernel.to<rows>], accesses = [], kernel.name = "mlp",
                  norm = #kernel.normalise<kind = rms, eps = 1.0e-5 : f64, group = 0>,
                  accumulators = 1 : i64, schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}
}

// -----

// Nobody asked.

// CHECK-LABEL: func @keeps_quiet(
// CHECK-NOT:   kernel.report
func.func @keeps_quiet(%step: !kernel.step, %x: memref<512x48xf32>, %y: memref<512x48xf32>) {
  kernel.gather %step(%x : memref<512x48xf32>) into (%y : memref<512x48xf32>) attributes {}
  return
}
