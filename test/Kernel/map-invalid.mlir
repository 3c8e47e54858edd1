// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @map_c1(%step: !kernel.step, %x: memref<512x8xf32>, %to: memref<512x8xf32>) {
  // expected-error @below {{has 0 operands but 1 accesses}}
  kernel.map rows of %step(%x : memref<512x8xf32>) into (%to : memref<512x8xf32>)
      attributes {columns = 8 : i64, target = #kernel.to<rows>, accesses = [#kernel.access<elements>]} {
  ^bb0(%a: f32):
    kernel.yield %a
  }
  return
}

// -----

func.func @map_c2(%step: !kernel.step, %x: memref<512x8xf32>) {
  // expected-error @below {{needs 1 destinations, has 0}}
  kernel.map rows of %step(%x : memref<512x8xf32>)
      attributes {columns = 8 : i64, target = #kernel.to<rows>, accesses = []} {
  ^bb0(%a: f32):
    kernel.yield %a
  }
  return
}

// -----

func.func @map_c3_slot(%step: !kernel.step, %x: memref<512x8xf32>) {
  // expected-error @below {{writes a cache and needs a slot and the cache's shape}}
  kernel.map rows of %step(%x : memref<512x8xf32>)
      attributes {columns = 8 : i64, target = #kernel.to<keys>, accesses = []} {
  ^bb0(%a: f32):
    kernel.yield %a
  }
  return
}

// -----

func.func @map_c3_columns(%step: !kernel.step, %x: memref<512x8xf32>, %slot: index) {
  // expected-error @below {{writes 8 columns but 2 heads of keys of 16 need 32}}
  kernel.map rows of %step(%x : memref<512x8xf32>) slot %slot
      attributes {columns = 8 : i64, target = #kernel.to<keys>, cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>, accesses = []} {
  ^bb0(%a: f32):
    kernel.yield %a
  }
  return
}

// -----

func.func @map_c4_arguments(%step: !kernel.step, %x: memref<512x8xf32>, %to: memref<512x8xf32>) {
  // expected-error @below {{region takes ('f32', 'f32'), expected 1 x f32}}
  kernel.map rows of %step(%x : memref<512x8xf32>) into (%to : memref<512x8xf32>)
      attributes {columns = 8 : i64, target = #kernel.to<rows>, accesses = []} {
  ^bb0(%a: f32, %b: f32):
    kernel.yield %a
  }
  return
}

// -----

func.func @map_c4_outside(%step: !kernel.step, %x: memref<512x8xf32>, %to: memref<512x8xf32>, %y: f32) {
  // expected-error @below {{region reads a value from outside that is no constant}}
  kernel.map rows of %step(%x : memref<512x8xf32>) into (%to : memref<512x8xf32>)
      attributes {columns = 8 : i64, target = #kernel.to<rows>, accesses = []} {
  ^bb0(%a: f32):
    %s = arith.addf %a, %y : f32
    kernel.yield %s
  }
  return
}

// -----

func.func @map_c5(%step: !kernel.step, %x: memref<512x8xf32>, %to: memref<512x8xf32>, %y: memref<512x9xf32>) {
  // expected-error @below {{operand 0 has 9 columns, its region reads 8}}
  kernel.map rows of %step(%x : memref<512x8xf32>) with (%y : memref<512x9xf32>) into (%to : memref<512x8xf32>)
      attributes {columns = 8 : i64, target = #kernel.to<rows>, accesses = [#kernel.access<elements>]} {
  ^bb0(%a: f32, %b: f32):
    %s = arith.addf %a, %b : f32
    kernel.yield %s
  }
  return
}

// -----

func.func @map_c6_input(%step: !kernel.step, %x: memref<512x9xf32>, %to: memref<512x8xf32>) {
  // expected-error @below {{rows have 9 values but 8 columns are mapped}}
  kernel.map rows of %step(%x : memref<512x9xf32>) into (%to : memref<512x8xf32>)
      attributes {columns = 8 : i64, target = #kernel.to<rows>, accesses = []} {
  ^bb0(%a: f32):
    kernel.yield %a
  }
  return
}

// -----

func.func @map_c6_destination(%step: !kernel.step, %x: memref<512x8xf32>, %to: memref<512x9xf32>) {
  // expected-error @below {{rows have 9 values but 8 columns are mapped}}
  kernel.map rows of %step(%x : memref<512x8xf32>) into (%to : memref<512x9xf32>)
      attributes {columns = 8 : i64, target = #kernel.to<rows>, accesses = []} {
  ^bb0(%a: f32):
    kernel.yield %a
  }
  return
}

// -----

func.func @yield_parent(%x: f32) {
  // expected-error @below {{expects parent op to be one of 'kernel.matmul, kernel.map'}}
  kernel.yield %x
}

// -----

func.func @swap_pairs_parent(%x: f32) {
  // expected-error @below {{expects parent op to be one of 'kernel.matmul, kernel.map'}}
  %y = kernel.swap_pairs %x
  return
}
