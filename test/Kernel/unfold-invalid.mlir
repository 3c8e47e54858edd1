// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @unfold_c1(%step: !kernel.step, %x: memref<512x5xf32>, %to: memref<512x15xf32>) {
  // expected-error @below {{destination rows have 15 values, expected 45}}
  kernel.unfold rows of %step to %step(%x : memref<512x5xf32>)
      by <size = 3, stride = 1, pad = 1, lines = 4, columns = 7, skip = 0>
      into (%to : memref<512x15xf32>)
  return
}

// -----

func.func @unfold_c2(%step: !kernel.step, %x: memref<512x5xf32>, %to: memref<512x15xf32>) {
  // expected-error @below {{makes another number of rows, without their firsts}}
  kernel.unfold rows of %step to %step(%x : memref<512x5xf32>)
      by <size = 3, stride = 2, pad = 1, lines = 0, columns = 0, skip = 0>
      into (%to : memref<512x15xf32>)
  return
}

// -----

func.func @windows(%step: !kernel.step, %x: memref<512x5xf32>, %to: memref<512x15xf32>) {
  kernel.unfold rows of %step to %step(%x : memref<512x5xf32>)
      // expected-error @below {{no windows have size 3, stride 0, pad 1 and skip 0}}
      by <size = 3, stride = 0, pad = 1, lines = 0, columns = 0, skip = 0>
      into (%to : memref<512x15xf32>)
  return
}

// -----

func.func @windows_grid(%step: !kernel.step, %x: memref<512x5xf32>, %to: memref<512x15xf32>) {
  kernel.unfold rows of %step to %step(%x : memref<512x5xf32>)
      // expected-error @below {{windows of 9 do not fit a grid of 4 x 7 with a pad of 1}}
      by <size = 9, stride = 1, pad = 1, lines = 4, columns = 7, skip = 0>
      into (%to : memref<512x15xf32>)
  return
}

// -----

func.func @windows_line(%step: !kernel.step, %x: memref<512x5xf32>, %to: memref<512x15xf32>) {
  kernel.unfold rows of %step to %step(%x : memref<512x5xf32>)
      // expected-error @below {{a grid has 4 lines of 0 places}}
      by <size = 3, stride = 1, pad = 1, lines = 4, columns = 0, skip = 0>
      into (%to : memref<512x15xf32>)
  return
}

// -----

func.func @unfolded_step_c1(%step: !kernel.step, %f: memref<512xi32>, %p: memref<511xi32>,
    %s: memref<513xi32>, %t: memref<512x4xi32>, %c: memref<512x2xi32>, %o: memref<512xi32>) {
  // expected-error @below {{has 'memref<511xi32>' for 512 rows}}
  %made = kernel.unfolded_step %step
      by <size = 3, stride = 2, pad = 1, lines = 0, columns = 0, skip = 0> tile = 6
      into (%f, %p, %s, %t, %c, %o : memref<512xi32>, memref<511xi32>, memref<513xi32>,
            memref<512x4xi32>, memref<512x2xi32>, memref<512xi32>)
  return
}

// -----

func.func @unfolded_step_c1_starts(%step: !kernel.step, %f: memref<512xi32>,
    %s: memref<513x1xi32>, %t: memref<512x4xi32>, %c: memref<512x2xi32>, %o: memref<512xi32>) {
  // expected-error @below {{has starts or sources that are no vectors}}
  %made = kernel.unfolded_step %step
      by <size = 3, stride = 2, pad = 1, lines = 0, columns = 0, skip = 0> tile = 6
      into (%f, %f, %s, %t, %c, %o : memref<512xi32>, memref<512xi32>, memref<513x1xi32>,
            memref<512x4xi32>, memref<512x2xi32>, memref<512xi32>)
  return
}
