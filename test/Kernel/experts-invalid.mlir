// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @route_c1(%step: !kernel.step, %s: memref<512x4xf32>, %to: memref<512x4xf32>) {
  // expected-error @below {{chooses 5 of 4 experts}}
  kernel.route softmax rows of %step(%s : memref<512x4xf32>) into (%to : memref<512x4xf32>)
      attributes {topK = 5 : i64, scale = 1.0 : f64}
  return
}

// -----

func.func @route_c2(%step: !kernel.step, %s: memref<512x4xf32>, %to: memref<512x5xf32>) {
  // expected-error @below {{destination rows have 5 values, expected 4}}
  kernel.route softmax rows of %step(%s : memref<512x4xf32>) into (%to : memref<512x5xf32>)
      attributes {topK = 1 : i64, scale = 1.0 : f64}
  return
}

// -----

func.func @route_c3(%step: !kernel.step, %s: memref<512x4xf32>, %to: memref<512x4xf32>) {
  // expected-error @below {{scale is INF, not finite}}
  kernel.route softmax rows of %step(%s : memref<512x4xf32>) into (%to : memref<512x4xf32>)
      attributes {topK = 1 : i64, scale = 0x7FF0000000000000 : f64}
  return
}

// -----

func.func @route_c1_groups(%step: !kernel.step, %s: memref<512x4xf32>, %to: memref<512x4xf32>) {
  // expected-error @below {{chooses 3 of 2 experts}}
  kernel.route softmax rows of %step(%s : memref<512x4xf32>) into (%to, %to : memref<512x4xf32>, memref<512x4xf32>)
      attributes {topK = 3 : i64, groups = 2 : i64, scale = 1.0 : f64}
  return
}

// -----

func.func @route_c2_groups(%step: !kernel.step, %s: memref<512x4xf32>, %to: memref<512x4xf32>) {
  // expected-error @below {{needs 2 destinations, has 1}}
  kernel.route softmax rows of %step(%s : memref<512x4xf32>) into (%to : memref<512x4xf32>)
      attributes {topK = 1 : i64, groups = 2 : i64, scale = 1.0 : f64}
  return
}

// -----

func.func @route_c4(%step: !kernel.step, %s: memref<512x4xf32>, %to: memref<512x4xf32>) {
  // expected-error @below {{chooses 1 of 3 groups of 4 experts}}
  kernel.route softmax rows of %step(%s : memref<512x4xf32>) into (%to, %to : memref<512x4xf32>, memref<512x4xf32>)
      attributes {topK = 1 : i64, groups = 3 : i64, scale = 1.0 : f64}
  return
}

// -----

func.func @route_c4_many(%step: !kernel.step, %s: memref<512x4xf32>, %to: memref<512x4xf32>) {
  // expected-error @below {{chooses 3 of 2 groups of 4 experts}}
  kernel.route softmax rows of %step(%s : memref<512x4xf32>) into (%to, %to : memref<512x4xf32>, memref<512x4xf32>)
      attributes {topK = 1 : i64, groups = 2 : i64, topGroups = 3 : i64, scale = 1.0 : f64}
  return
}

// -----

func.func @route_c5(%step: !kernel.step, %s: memref<512x4xf32>, %c: memref<3xf32>, %to: memref<512x4xf32>) {
  // expected-error @below {{correction has 3 values for 4 experts}}
  kernel.route softmax rows of %step(%s : memref<512x4xf32>) corrected by (%c : memref<3xf32>)
      into (%to, %to : memref<512x4xf32>, memref<512x4xf32>)
      attributes {topK = 1 : i64, scale = 1.0 : f64}
  return
}

// -----

func.func @route_c6(%step: !kernel.step, %s: memref<512x4xf32>, %to: memref<512x4xf32>) {
  // expected-error @below {{has no two best in groups of 1}}
  kernel.route softmax rows of %step(%s : memref<512x4xf32>) into (%to, %to : memref<512x4xf32>, memref<512x4xf32>)
      attributes {topK = 1 : i64, groups = 4 : i64, twoBest, scale = 1.0 : f64}
  return
}

// -----

func.func @list_rows_c1_width(%step: !kernel.step, %g: memref<512x4xf32>, %to: memref<4x512xi32>) {
  // expected-error @below {{destination rows have 512 values, expected 513}}
  kernel.list_rows rows of %step(%g : memref<512x4xf32>) into (%to : memref<4x512xi32>) attributes {}
  return
}

// -----

func.func @list_rows_c1_lists(%step: !kernel.step, %g: memref<512x4xf32>, %to: memref<3x513xi32>) {
  // expected-error @below {{has 3 lists for 4 experts}}
  kernel.list_rows rows of %step(%g : memref<512x4xf32>) into (%to : memref<3x513xi32>) attributes {}
  return
}

// -----

func.func @take_rows_c1(%step: !kernel.step, %x: memref<512x8xf32>, %l: memref<4x513xi32>, %e: index,
    %to: memref<512x9xf32>) {
  // expected-error @below {{destination rows have 9 values, expected 8}}
  kernel.take_rows %step(%x : memref<512x8xf32>) by (%l : memref<4x513xi32>) of %e
      into (%to : memref<512x9xf32>) attributes {}
  return
}

// -----

func.func @add_rows_c1(%step: !kernel.step, %x: memref<512x8xf32>, %g: memref<512x4xf32>,
    %l: memref<4x513xi32>, %e: index, %to: memref<512x9xf32>) {
  // expected-error @below {{destination rows have 9 values, expected 8}}
  kernel.add_rows %step(%x : memref<512x8xf32>) times (%g : memref<512x4xf32>)
      by (%l : memref<4x513xi32>) of %e into (%to : memref<512x9xf32>) attributes {}
  return
}
