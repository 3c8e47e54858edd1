// RUN: transformer-opt %s --plan-memory | FileCheck %s

// A buffer of 16 x 16 floats takes 1024 bytes and 256 of slack.

// The first and the third are never alive together: they share a place.

// CHECK-LABEL: func @chain(
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step
// CHECK-SAME:    kernel.scratch_bytes = 2560 : i64
func.func @chain(%step: !kernel.step, %in: memref<16x16xf32>, %out: memref<16x16xf32>) attributes {kernel.outputs = #kernel<count rows>} {
  // CHECK:      %[[FIRST:.+]] = arith.constant 0 : index
  // CHECK-NEXT: %[[A:.+]] = kernel.buffer scratch of %[[STEP]][%[[FIRST]]] : memref<16x16xf32>
  %a = memref.alloc() : memref<16x16xf32>
  kernel.map rows of %step(%in : memref<16x16xf32>) into (%a : memref<16x16xf32>)
      attributes {columns = 16 : i64, target = #kernel.to<rows>, accesses = []} {
  ^bb0(%e: f32):
    %s = arith.addf %e, %e : f32
    kernel.yield %s
  }
  // CHECK:      %[[SECOND:.+]] = arith.constant 1280 : index
  // CHECK-NEXT: %[[B:.+]] = kernel.buffer scratch of %[[STEP]][%[[SECOND]]] : memref<16x16xf32>
  %b = memref.alloc() : memref<16x16xf32>
  kernel.map rows of %step(%a : memref<16x16xf32>) into (%b : memref<16x16xf32>)
      attributes {columns = 16 : i64, target = #kernel.to<rows>, accesses = []} {
  ^bb0(%e: f32):
    %s = arith.addf %e, %e : f32
    kernel.yield %s
  }
  // CHECK:      %[[THIRD:.+]] = arith.constant 0 : index
  // CHECK-NEXT: %[[C:.+]] = kernel.buffer scratch of %[[STEP]][%[[THIRD]]] : memref<16x16xf32>
  %c = memref.alloc() : memref<16x16xf32>
  kernel.map rows of %step(%b : memref<16x16xf32>) into (%c : memref<16x16xf32>)
      attributes {columns = 16 : i64, target = #kernel.to<rows>, accesses = []} {
  ^bb0(%e: f32):
    %s = arith.addf %e, %e : f32
    kernel.yield %s
  }
  kernel.map rows of %step(%c : memref<16x16xf32>) into (%out : memref<16x16xf32>)
      attributes {columns = 16 : i64, target = #kernel.to<rows>, accesses = []} {
  ^bb0(%e: f32):
    %s = arith.addf %e, %e : f32
    kernel.yield %s
  }
  return
}

// A use inside of a loop lasts to its end: the buffer of the loop has its own place.

// CHECK-LABEL: func @loop(
// CHECK-SAME:    kernel.scratch_bytes = 2560 : i64
func.func @loop(%step: !kernel.step, %in: memref<16x16xf32>, %out: memref<16x16xf32>, %n: index) attributes {kernel.outputs = #kernel<count rows>} {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  // CHECK:     arith.constant 0 : index
  // CHECK:     arith.constant 0 : index
  // CHECK:     kernel.buffer scratch
  %a = memref.alloc() : memref<16x16xf32>
  kernel.map rows of %step(%in : memref<16x16xf32>) into (%a : memref<16x16xf32>)
      attributes {columns = 16 : i64, target = #kernel.to<rows>, accesses = []} {
  ^bb0(%e: f32):
    %s = arith.addf %e, %e : f32
    kernel.yield %s
  }
  // CHECK:     scf.for
  scf.for %i = %zero to %n step %one {
    // CHECK:      %[[INSIDE:.+]] = arith.constant 1280 : index
    // CHECK-NEXT: kernel.buffer scratch of %{{.+}}[%[[INSIDE]]]
    %b = memref.alloc() : memref<16x16xf32>
  kernel.map rows of %step(%a : memref<16x16xf32>) into (%b : memref<16x16xf32>)
      attributes {columns = 16 : i64, target = #kernel.to<rows>, accesses = []} {
  ^bb0(%e: f32):
    %s = arith.addf %e, %e : f32
    kernel.yield %s
  }
  kernel.map rows of %step(%b : memref<16x16xf32>) into (%out : memref<16x16xf32>)
      attributes {columns = 16 : i64, target = #kernel.to<rows>, accesses = []} {
  ^bb0(%e: f32):
    %s = arith.addf %e, %e : f32
    kernel.yield %s
  }
  }
  return
}

// What a loop carries is alive as long as its result.

// CHECK-LABEL: func @carried(
// CHECK-SAME:    kernel.scratch_bytes = 2560 : i64
func.func @carried(%step: !kernel.step, %in: memref<16x16xf32>, %out: memref<16x16xf32>, %n: index) attributes {kernel.outputs = #kernel<count rows>} {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %a = memref.alloc() : memref<16x16xf32>
  kernel.map rows of %step(%in : memref<16x16xf32>) into (%a : memref<16x16xf32>)
      attributes {columns = 16 : i64, target = #kernel.to<rows>, accesses = []} {
  ^bb0(%e: f32):
    %s = arith.addf %e, %e : f32
    kernel.yield %s
  }
  %r = scf.for %i = %zero to %n step %one iter_args(%x = %a) -> (memref<16x16xf32>) {
    scf.yield %x : memref<16x16xf32>
  }
  // CHECK:      %[[OTHER:.+]] = arith.constant 1280 : index
  // CHECK-NEXT: kernel.buffer scratch of %{{.+}}[%[[OTHER]]]
  %b = memref.alloc() : memref<16x16xf32>
  kernel.map rows of %step(%in : memref<16x16xf32>) into (%b : memref<16x16xf32>)
      attributes {columns = 16 : i64, target = #kernel.to<rows>, accesses = []} {
  ^bb0(%e: f32):
    %s = arith.addf %e, %e : f32
    kernel.yield %s
  }
  kernel.map rows of %step(%r : memref<16x16xf32>) into (%out : memref<16x16xf32>)
      attributes {columns = 16 : i64, target = #kernel.to<rows>, accesses = []} {
  ^bb0(%e: f32):
    %s = arith.addf %e, %e : f32
    kernel.yield %s
  }
  kernel.map rows of %step(%b : memref<16x16xf32>) into (%out : memref<16x16xf32>)
      attributes {columns = 16 : i64, target = #kernel.to<rows>, accesses = []} {
  ^bb0(%e: f32):
    %s = arith.addf %e, %e : f32
    kernel.yield %s
  }
  return
}

// A copy is a map of the rows in use, not of the whole capacity; into the output, of
// the rows that the caller wants.

// CHECK-LABEL: func @copies(
// CHECK-NOT:     memref.copy
// CHECK:         kernel.map rows of %{{.+}}(%[[X:.+]] : memref<16x16xf32>) into(%[[A:.+]] : memref<16x16xf32>)
// CHECK-NEXT:    ^bb0(%[[E:.+]]: f32):
// CHECK-NEXT:    kernel.yield %[[E]]
// CHECK:         kernel.map outputs of %{{.+}}(%[[A]] : memref<16x16xf32>) into(%[[OUT:.+]] : memref<16x16xf32>)
func.func @copies(%step: !kernel.step, %x: memref<16x16xf32>) attributes {kernel.outputs = #kernel<count outputs>} {
  %zero = arith.constant 0 : index
  %out = kernel.buffer output of %step[%zero] : memref<16x16xf32>
  %a = memref.alloc() : memref<16x16xf32>
  memref.copy %x, %a : memref<16x16xf32> to memref<16x16xf32>
  memref.copy %a, %out : memref<16x16xf32> to memref<16x16xf32>
  return
}

// Only step functions have a scratch buffer.

// CHECK-LABEL: func @keeps_other_function(
// CHECK:         memref.alloc
func.func @keeps_other_function() -> memref<16x16xf32> {
  %a = memref.alloc() : memref<16x16xf32>
  return %a : memref<16x16xf32>
}

// The arrays of a step are alive as long as it is: no later buffer takes their
// place. A copy of its rows is as long as it.

// CHECK-LABEL: func @steps(
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step
// CHECK:         %[[F:.+]] = kernel.buffer scratch of %[[STEP]][%{{.+}}] : memref<512xi32>
// CHECK:         %[[MADE:.+]] = kernel.unfolded_step %[[STEP]]
// CHECK:         %[[AT:.+]] = arith.constant 22080 : index
// CHECK-NEXT:    kernel.buffer scratch of %[[STEP]][%[[AT]]] : memref<16x16xf32>
// CHECK:         kernel.map rows of %[[MADE]](%{{.+}} : memref<16x16xf32>) into(%{{.+}} : memref<16x16xf32>)
func.func @steps(%step: !kernel.step, %out: memref<16x16xf32>)
    attributes {kernel.outputs = #kernel<count rows>} {
  %f = memref.alloc() : memref<512xi32>
  %p = memref.alloc() : memref<512xi32>
  %s = memref.alloc() : memref<513xi32>
  %t = memref.alloc() : memref<512x4xi32>
  %c = memref.alloc() : memref<512x2xi32>
  %o = memref.alloc() : memref<512xi32>
  %made = kernel.unfolded_step %step
      by <size = 3, stride = 2, pad = 1, lines = 0, columns = 0, skip = 0> tile = 6
      into (%f, %p, %s, %t, %c, %o : memref<512xi32>, memref<512xi32>, memref<513xi32>,
            memref<512x4xi32>, memref<512x2xi32>, memref<512xi32>)
  %a = memref.alloc() : memref<16x16xf32>
  kernel.patches %made into (%a : memref<16x16xf32>)
      attributes {image = array<i64: 1, 8, 8>, size = 4 : i64, skip = 0 : i64}
  memref.copy %a, %out : memref<16x16xf32> to memref<16x16xf32>
  kernel.map rows of %made(%a : memref<16x16xf32>) into (%out : memref<16x16xf32>)
      attributes {columns = 16 : i64, target = #kernel.to<rows>, accesses = []} {
  ^bb0(%e: f32):
    kernel.yield %e
  }
  return
}

// Also as long as what is left of it: in a loop to its end. A copy of rows, of
// which some may have left, is of all that the step has.

// CHECK-LABEL: func @left(
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step
// CHECK:         scf.for
// CHECK:           %[[NOW:.+]] = kernel.remaining_step
// CHECK:           %[[AT:.+]] = arith.constant 24448 : index
// CHECK-NEXT:      kernel.buffer scratch of %[[STEP]][%[[AT]]] : memref<16x16xf32>
// CHECK:           kernel.pool first of %[[NOW]]
// CHECK:           kernel.map rows of %[[STEP]](%{{.+}} : memref<16x16xf32>) into(%{{.+}} : memref<16x16xf32>)
func.func @left(%step: !kernel.step, %x: memref<16x16xf32>, %n: index)
    attributes {kernel.outputs = #kernel<count sequences>} {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %f = memref.alloc() : memref<512xi32>
  %p = memref.alloc() : memref<512xi32>
  %s = memref.alloc() : memref<513xi32>
  %t = memref.alloc() : memref<512x4xi32>
  %c = memref.alloc() : memref<512x2xi32>
  %o = memref.alloc() : memref<512xi32>
  %made = kernel.unfolded_step %step
      by <size = 1, stride = 1, pad = 0, lines = 0, columns = 0, skip = 0> tile = 6
      into (%f, %p, %s, %t, %c, %o : memref<512xi32>, memref<512xi32>, memref<513xi32>,
            memref<512x4xi32>, memref<512x2xi32>, memref<512xi32>)
  %left = memref.alloc() : memref<515xi32>
  kernel.remain_all %made in (%left : memref<515xi32>)
  scf.for %i = %zero to %n step %one {
    %now = kernel.remaining_step %made of (%left : memref<515xi32>)
    %a = memref.alloc() : memref<16x16xf32>
    kernel.pool first of %now(%x : memref<16x16xf32>) into (%a : memref<16x16xf32>)
        attributes {}
    memref.copy %a, %x : memref<16x16xf32> to memref<16x16xf32>
  }
  return
}
