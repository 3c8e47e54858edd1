// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @matmul_c1(%step: !kernel.step, %x: memref<512x8xf32>,
    %w: memref<1x8x48xf32>, %to0: memref<512x40xf32>) {
  // expected-error @below {{has 1 parts but 2 regions and 1 targets}}
  kernel.matmul rows of %step(%x : memref<512x8xf32>) by (%w : memref<1x8x48xf32>)
      into (%to0 : memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                  accesses = [], accumulators = 1 : i64,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }, {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// -----

func.func @matmul_c2(%step: !kernel.step, %x: memref<512x8xf32>,
    %w: memref<1x8x48xf32>, %to0: memref<512x40xf32>, %b: memref<48xf32>) {
  // expected-error @below {{has 1 operands but 0 accesses}}
  kernel.matmul rows of %step(%x : memref<512x8xf32>) by (%w : memref<1x8x48xf32>)
      with (%b : memref<48xf32>) into (%to0 : memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                  accesses = [], accumulators = 1 : i64,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32, %bias: f32):
    kernel.yield %acc
  }
  return
}

// -----

func.func @matmul_c3(%step: !kernel.step, %x: memref<512x8xf32>,
    %w: memref<1x8x48xf32>) {
  // expected-error @below {{needs 1 destinations, has 0}}
  kernel.matmul rows of %step(%x : memref<512x8xf32>) by (%w : memref<1x8x48xf32>)
      
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                  accesses = [], accumulators = 1 : i64,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// -----

func.func @matmul_c4_slot(%step: !kernel.step, %x: memref<512x8xf32>,
    %w: memref<1x8x48xf32>) {
  // expected-error @below {{writes a cache and needs a slot and the cache's shape}}
  kernel.matmul rows of %step(%x : memref<512x8xf32>) by (%w : memref<1x8x48xf32>)
      
      attributes {columns = array<i64: 40>, targets = [#kernel.to<keys>],
                  accesses = [], accumulators = 1 : i64,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// -----

func.func @matmul_c4_keys(%step: !kernel.step, %x: memref<512x8xf32>,
    %w: memref<1x8x48xf32>, %slot: index) {
  // expected-error @below {{writes 40 columns but 2 heads of keys of 16 need 32}}
  kernel.matmul rows of %step(%x : memref<512x8xf32>) by (%w : memref<1x8x48xf32>)
      slot %slot 
      attributes {columns = array<i64: 40>, targets = [#kernel.to<keys>],
                  accesses = [], accumulators = 1 : i64, cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// -----

func.func @matmul_c4_values(%step: !kernel.step, %x: memref<512x8xf32>,
    %w: memref<1x8x48xf32>, %slot: index) {
  // expected-error @below {{writes 40 columns but 2 heads of values of 16 need 32}}
  kernel.matmul rows of %step(%x : memref<512x8xf32>) by (%w : memref<1x8x48xf32>)
      slot %slot 
      attributes {columns = array<i64: 40>, targets = [#kernel.to<values>],
                  accesses = [], accumulators = 1 : i64, cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// -----

func.func @matmul_c5_arguments(%step: !kernel.step, %x: memref<512x8xf32>,
    %w: memref<1x8x48xf32>, %to0: memref<512x40xf32>) {
  // expected-error @below {{region takes ('f32', 'f32'), expected 1 x f32}}
  kernel.matmul rows of %step(%x : memref<512x8xf32>) by (%w : memref<1x8x48xf32>)
      into (%to0 : memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                  accesses = [], accumulators = 1 : i64,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32, %bias: f32):
    kernel.yield %acc
  }
  return
}

// -----

func.func @matmul_c5_types(%step: !kernel.step, %x: memref<512x8xf32>,
    %w: memref<1x8x48xf32>, %to0: memref<512x40xf32>) {
  // expected-error @below {{region takes ('f64'), expected 1 x f32}}
  kernel.matmul rows of %step(%x : memref<512x8xf32>) by (%w : memref<1x8x48xf32>)
      into (%to0 : memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                  accesses = [], accumulators = 1 : i64,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f64):
    %t = arith.truncf %acc : f64 to f32
    kernel.yield %t
  }
  return
}

// -----

func.func @matmul_c5_outside(%step: !kernel.step, %x: memref<512x8xf32>,
    %w: memref<1x8x48xf32>, %to0: memref<512x40xf32>, %y: f32) {
  // expected-error @below {{region reads a value from outside that is no constant}}
  kernel.matmul rows of %step(%x : memref<512x8xf32>) by (%w : memref<1x8x48xf32>)
      into (%to0 : memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                  accesses = [], accumulators = 1 : i64,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    %s = arith.addf %acc, %y : f32
    kernel.yield %s
  }
  return
}

// -----

func.func @matmul_c5_elementwise(%step: !kernel.step, %x: memref<512x8xf32>,
    %w: memref<1x8x48xf32>, %to0: memref<512x40xf32>, %m: memref<f32>) {
  // expected-error @below {{region holds 'memref.load', which does not work element by element}}
  kernel.matmul rows of %step(%x : memref<512x8xf32>) by (%w : memref<1x8x48xf32>)
      into (%to0 : memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                  accesses = [], accumulators = 1 : i64,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    %s = memref.load %m[] : memref<f32>
    kernel.yield %s
  }
  return
}

// -----

func.func @matmul_c6(%step: !kernel.step, %x: memref<512x9xf32>,
    %w: memref<1x8x48xf32>, %to0: memref<512x40xf32>) {
  // expected-error @below {{input rows have 9 values but the weight is 8 deep}}
  kernel.matmul rows of %step(%x : memref<512x9xf32>) by (%w : memref<1x8x48xf32>)
      into (%to0 : memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                  accesses = [], accumulators = 1 : i64,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// -----

func.func @matmul_c7_many(%step: !kernel.step, %x: memref<512x8xf32>,
    %w: memref<1x8x48xf32>, %to0: memref<512x40xf32>) {
  // expected-error @below {{3 accumulators cannot share 3 vectors}}
  kernel.matmul rows of %step(%x : memref<512x8xf32>) by (%w : memref<1x8x48xf32>)
      into (%to0 : memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                  accesses = [], accumulators = 3 : i64,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32, %b: f32, %c: f32):
    kernel.yield %acc
  }
  return
}

// -----

func.func @matmul_c7_uneven(%step: !kernel.step, %x: memref<512x8xf32>,
    %w: memref<1x8x48xf32>, %to0: memref<512x40xf32>) {
  // expected-error @below {{2 accumulators cannot share 3 vectors}}
  kernel.matmul rows of %step(%x : memref<512x8xf32>) by (%w : memref<1x8x48xf32>)
      into (%to0 : memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                  accesses = [], accumulators = 2 : i64,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32, %b: f32):
    kernel.yield %acc
  }
  return
}

// -----

func.func @matmul_c8(%step: !kernel.step, %x: memref<512x8xf32>,
    %w: memref<1x8x48xf32>, %to0: memref<512x40xf32>) {
  // expected-error @below {{weight has panels of 48 but the schedule's 4 vectors of 16 hold 64}}
  kernel.matmul rows of %step(%x : memref<512x8xf32>) by (%w : memref<1x8x48xf32>)
      into (%to0 : memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                  accesses = [], accumulators = 1 : i64,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// -----

func.func @matmul_c9(%step: !kernel.step, %x: memref<512x8xf32>,
    %w: memref<1x8x48xf32>, %to0: memref<512x50xf32>) {
  // expected-error @below {{weight has 1 panels but the columns fill 2}}
  kernel.matmul rows of %step(%x : memref<512x8xf32>) by (%w : memref<1x8x48xf32>)
      into (%to0 : memref<512x50xf32>)
      attributes {columns = array<i64: 50>, targets = [#kernel.to<rows>],
                  accesses = [], accumulators = 1 : i64,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// -----

func.func @matmul_c9_gated(%step: !kernel.step, %x: memref<512x8xf32>,
    %w: memref<1x8x64xf32>, %to0: memref<512x40xf32>) {
  // expected-error @below {{weight has 1 panels but the columns fill 2}}
  kernel.matmul rows of %step(%x : memref<512x8xf32>) by (%w : memref<1x8x64xf32>)
      into (%to0 : memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                  accesses = [], accumulators = 2 : i64,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>} {
  ^bb0(%acc: f32, %b: f32):
    kernel.yield %acc
  }
  return
}

// -----

func.func @matmul_c10_no_norm(%step: !kernel.step, %x: memref<512x8xf32>,
    %w: memref<1x8x48xf32>, %to0: memref<512x40xf32>, %n: memref<8xf32>) {
  // expected-error @below {{has norm weights but no norm}}
  kernel.matmul rows of %step(%x : memref<512x8xf32>) norm (%n : memref<8xf32>) by (%w : memref<1x8x48xf32>)
      into (%to0 : memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                  accesses = [], accumulators = 1 : i64,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// -----

func.func @matmul_c10_many(%step: !kernel.step, %x: memref<512x8xf32>,
    %w: memref<1x8x48xf32>, %to0: memref<512x8xf32>, %to1: memref<512x40xf32>, %n: memref<8xf32>) {
  // expected-error @below {{takes at most 2 norm weights, has 3}}
  kernel.matmul rows of %step(%x : memref<512x8xf32>) norm (%n, %n, %n : memref<8xf32>, memref<8xf32>, memref<8xf32>) by (%w : memref<1x8x48xf32>)
      into (%to0, %to1 : memref<512x8xf32>, memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                  accesses = [], accumulators = 1 : i64, norm = #kernel.normalise<kind = rms, eps = 1.0e-5 : f64, group = 0>,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// -----

func.func @matmul_c10_short(%step: !kernel.step, %x: memref<512x8xf32>,
    %w: memref<1x8x48xf32>, %to0: memref<512x8xf32>, %to1: memref<512x40xf32>, %n: memref<4xf32>) {
  // expected-error @below {{norm weight has 4 values but 8 are normalised}}
  kernel.matmul rows of %step(%x : memref<512x8xf32>) norm (%n : memref<4xf32>) by (%w : memref<1x8x48xf32>)
      into (%to0, %to1 : memref<512x8xf32>, memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                  accesses = [], accumulators = 1 : i64, norm = #kernel.normalise<kind = rms, eps = 1.0e-5 : f64, group = 0>,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// -----

func.func @matmul_c11(%step: !kernel.step, %x: memref<512x8xf32>,
    %w: memref<1x8x48xf32>, %to0: memref<512x9xf32>, %to1: memref<512x40xf32>) {
  // expected-error @below {{normalised rows have 9 values but input rows have 8}}
  kernel.matmul rows of %step(%x : memref<512x8xf32>) by (%w : memref<1x8x48xf32>)
      into (%to0, %to1 : memref<512x9xf32>, memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                  accesses = [], accumulators = 1 : i64, norm = #kernel.normalise<kind = rms, eps = 1.0e-5 : f64, group = 0>,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// -----

func.func @matmul_c12_dimensions(%step: !kernel.step, %x: memref<512x8xf32>,
    %w: memref<1x8x48xf32>, %to0: memref<512x40xf32>, %b: memref<48xf32>) {
  // expected-error @below {{operand 0 is read by elements but has 1 dimensions}}
  kernel.matmul rows of %step(%x : memref<512x8xf32>) by (%w : memref<1x8x48xf32>)
      with (%b : memref<48xf32>) into (%to0 : memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                  accesses = [#kernel.access<elements>], accumulators = 1 : i64,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32, %e: f32):
    %s = arith.addf %acc, %e : f32
    kernel.yield %s
  }
  return
}

// -----

func.func @matmul_c12_elements(%step: !kernel.step, %x: memref<512x8xf32>,
    %w: memref<1x8x48xf32>, %to0: memref<512x40xf32>, %r: memref<512x48xf32>) {
  // expected-error @below {{operand 0 has 48 columns, its region reads 40}}
  kernel.matmul rows of %step(%x : memref<512x8xf32>) by (%w : memref<1x8x48xf32>)
      with (%r : memref<512x48xf32>) into (%to0 : memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                  accesses = [#kernel.access<elements>], accumulators = 1 : i64,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32, %e: f32):
    %s = arith.addf %acc, %e : f32
    kernel.yield %s
  }
  return
}

// -----

func.func @matmul_c12_columns(%step: !kernel.step, %x: memref<512x8xf32>,
    %w: memref<1x8x48xf32>, %to0: memref<512x40xf32>, %b: memref<32xf32>) {
  // expected-error @below {{operand 0 has 32 columns, its region reads 40}}
  kernel.matmul rows of %step(%x : memref<512x8xf32>) by (%w : memref<1x8x48xf32>)
      with (%b : memref<32xf32>) into (%to0 : memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                  accesses = [#kernel.access<columns>], accumulators = 1 : i64,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32, %e: f32):
    %s = arith.addf %acc, %e : f32
    kernel.yield %s
  }
  return
}

// -----

func.func @matmul_c12_positions(%step: !kernel.step, %x: memref<512x8xf32>,
    %w: memref<1x8x48xf32>, %to0: memref<512x40xf32>, %t: memref<64x4xf32>) {
  // expected-error @below {{operand 0 has 4 columns, its region reads 8}}
  kernel.matmul rows of %step(%x : memref<512x8xf32>) by (%w : memref<1x8x48xf32>)
      with (%t : memref<64x4xf32>) into (%to0 : memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                  accesses = [#kernel.access<positions>], accumulators = 1 : i64, period = 8 : i64,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32, %e: f32):
    %s = arith.addf %acc, %e : f32
    kernel.yield %s
  }
  return
}

// -----

func.func @matmul_c13(%step: !kernel.step, %x: memref<512x8xf32>,
    %w: memref<1x8x48xf32>, %to0: memref<512x48xf32>) {
  // expected-error @below {{destination rows have 48 values but the part has 40 columns}}
  kernel.matmul rows of %step(%x : memref<512x8xf32>) by (%w : memref<1x8x48xf32>)
      into (%to0 : memref<512x48xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                  accesses = [], accumulators = 1 : i64,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// -----

func.func @schedule_empty(%step: !kernel.step, %x: memref<512x8xf32>,
    %w: memref<1x8x48xf32>, %to0: memref<512x40xf32>) {
  kernel.matmul rows of %step(%x : memref<512x8xf32>) by (%w : memref<1x8x48xf32>)
      into (%to0 : memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                  accesses = [], accumulators = 1 : i64,
                  // expected-error @below {{a tile of 0 rows x 3 vectors of 16 lanes is empty}}
                  schedule = #kernel.schedule<rows = 0, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// -----

func.func @matmul_c6_groups(%step: !kernel.step, %x: memref<512x10xi32>,
    %w: memref<1x2x408xi32>, %to: memref<512x40xf32>) {
  // expected-error @below {{input rows have 10 values but the weight is 2 deep}}
  kernel.matmul rows of %step(%x : memref<512x10xi32>) by (%w : memref<1x2x408xi32>)
      into (%to : memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                  accesses = [], accumulators = 1 : i64, format = #kernel.format<int8>,
                  schedule = #kernel.schedule<rows = 4, vectors = 3, lanes = 16, dot = <vpdpbusd>>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// -----

func.func @matmul_c14_element(%step: !kernel.step, %x: memref<512x8xf32>,
    %w: memref<1x8x48xf32>, %to: memref<512x40xf32>) {
  // expected-error @below {{weight is 'memref<1x8x48xf32>', not stored as bf16}}
  kernel.matmul rows of %step(%x : memref<512x8xf32>) by (%w : memref<1x8x48xf32>)
      into (%to : memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                  accesses = [], accumulators = 1 : i64, format = #kernel.format<bf16>,
                  schedule = #kernel.schedule<rows = 4, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// -----

func.func @matmul_c14_width(%step: !kernel.step, %x: memref<512x10xi32>,
    %w: memref<1x1x400xi32>, %to: memref<512x40xf32>) {
  // expected-error @below {{weight is 'memref<1x1x400xi32>', not stored as int8}}
  kernel.matmul rows of %step(%x : memref<512x10xi32>) by (%w : memref<1x1x400xi32>)
      into (%to : memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                  accesses = [], accumulators = 1 : i64, format = #kernel.format<int8>,
                  schedule = #kernel.schedule<rows = 4, vectors = 3, lanes = 16, dot = <vpdpbusd>>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// -----

func.func @matmul_c15_floats(%step: !kernel.step, %x: memref<512x32xf32>,
    %w: memref<1x1x408xi32>, %to: memref<512x40xf32>) {
  // expected-error @below {{rows of 'memref<512x32xf32>' are not what a weight of int8 takes}}
  kernel.matmul rows of %step(%x : memref<512x32xf32>) by (%w : memref<1x1x408xi32>)
      into (%to : memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                  accesses = [], accumulators = 1 : i64, format = #kernel.format<int8>,
                  schedule = #kernel.schedule<rows = 4, vectors = 3, lanes = 16, dot = <vpdpbusd>>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// -----

func.func @matmul_c15_words(%step: !kernel.step, %x: memref<512x10xi32>,
    %w: memref<1x10x48xf32>, %to: memref<512x40xf32>) {
  // expected-error @below {{rows of 'memref<512x10xi32>' are not what a weight of f32 takes}}
  kernel.matmul rows of %step(%x : memref<512x10xi32>) by (%w : memref<1x10x48xf32>)
      into (%to : memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                  accesses = [], accumulators = 1 : i64, format = #kernel.format<f32>,
                  schedule = #kernel.schedule<rows = 4, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// -----

func.func @matmul_c15_groups(%step: !kernel.step, %x: memref<512x11xi32>,
    %w: memref<1x1x216xi32>, %to: memref<512x40xf32>) {
  // expected-error @below {{rows of 'memref<512x11xi32>' are not what a weight of int4 takes}}
  kernel.matmul rows of %step(%x : memref<512x11xi32>) by (%w : memref<1x1x216xi32>)
      into (%to : memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                  accesses = [], accumulators = 1 : i64, format = #kernel.format<int4>,
                  schedule = #kernel.schedule<rows = 4, vectors = 3, lanes = 16, dot = <vpdpbusd>>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// -----

func.func @matmul_c16(%step: !kernel.step, %x: memref<512x10xi32>,
    %w: memref<1x1x408xi32>, %to: memref<512x40xf32>) {
  // expected-error @below {{multiplies integers but the schedule does not say by which instruction}}
  kernel.matmul rows of %step(%x : memref<512x10xi32>) by (%w : memref<1x1x408xi32>)
      into (%to : memref<512x40xf32>)
      attributes {columns = array<i64: 40>, targets = [#kernel.to<rows>],
                  accesses = [], accumulators = 1 : i64, format = #kernel.format<int8>,
                  schedule = #kernel.schedule<rows = 4, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// -----

func.func @matmul_c4_int8(%step: !kernel.step, %x: memref<512x8xf32>, %w: memref<1x8x48xf32>, %slot: index) {
  // expected-error @below {{writes tiles into a cache of int8, where the scale of a head needs all of it}}
  kernel.matmul rows of %step(%x : memref<512x8xf32>) by (%w : memref<1x8x48xf32>) slot %slot
      attributes {columns = array<i64: 32>, targets = [#kernel.to<keys>],
                  accesses = [], accumulators = 1 : i64,
                  cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16, format = int8>,
                  schedule = #kernel.schedule<rows = 4, vectors = 3, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}
