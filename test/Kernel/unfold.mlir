// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// A step of its own for rows that are not as many, and the arrays that it reads.

// CHECK-LABEL: func @halved
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step
func.func @halved(%step: !kernel.step, %x: tensor<512x5xf32>, %to: tensor<512x15xf32>,
    %f: memref<512xi32>, %p: memref<512xi32>, %s: memref<513xi32>, %t: memref<512x4xi32>,
    %c: memref<512x2xi32>, %o: memref<512xi32>) -> tensor<512x15xf32> {
  // CHECK: %[[MADE:.+]] = kernel.unfolded_step %[[STEP]] by <size = 3, stride = 2, pad = 1, lines = 0, columns = 0, skip = 0> tile = 6 into
  %made = kernel.unfolded_step %step
      by <size = 3, stride = 2, pad = 1, lines = 0, columns = 0, skip = 0> tile = 6
      into (%f, %p, %s, %t, %c, %o : memref<512xi32>, memref<512xi32>, memref<513xi32>,
            memref<512x4xi32>, memref<512x2xi32>, memref<512xi32>)
  // CHECK: kernel.unfold channels of %[[STEP]] to %[[MADE]](%{{.+}} : tensor<512x5xf32>)
  %y = kernel.unfold channels of %step to %made(%x : tensor<512x5xf32>)
      by <size = 3, stride = 2, pad = 1, lines = 0, columns = 0, skip = 0>
      firsts (%f : memref<512xi32>) into (%to : tensor<512x15xf32>) -> tensor<512x15xf32>
  return %y : tensor<512x15xf32>
}

// As many rows need no other step.

// CHECK-LABEL: func @kept
func.func @kept(%step: !kernel.step, %x: memref<512x5xf32>, %to: memref<512x45xf32>) {
  // CHECK: kernel.unfold rows of %[[STEP:.+]] to %[[STEP]](
  kernel.unfold rows of %step to %step(%x : memref<512x5xf32>)
      by <size = 3, stride = 1, pad = 1, lines = 4, columns = 7, skip = 0>
      into (%to : memref<512x45xf32>)
  return
}

// CHECK-LABEL: func @made
func.func @made(%step: !kernel.step, %n: index, %m: index, %p: memref<512xi32>,
    %s: memref<513xi32>, %t: memref<512x4xi32>, %c: memref<512x2xi32>, %o: memref<512xi32>)
    -> index {
  // CHECK: %[[MADE:.+]] = kernel.made_step %{{.+}} rows, %{{.+}} tiles of
  %made = kernel.made_step %n rows, %m tiles of %step(%p, %s, %t, %c, %o : memref<512xi32>,
      memref<513xi32>, memref<512x4xi32>, memref<512x2xi32>, memref<512xi32>)
  // CHECK: kernel.count rows of %[[MADE]]
  %same = kernel.count rows of %made
  return %same : index
}
