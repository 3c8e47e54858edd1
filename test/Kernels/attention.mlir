// RUN: transformer-opt %s -split-input-file --emit-loops --canonicalize --cse | FileCheck %s


// Heads times tiles are shared by the threads, one from the front and one from the
// back in turn, the queries of the next one being brought to the cache. Four register
// tiles go to one function; what is left to the smallest that holds it.

// CHECK-LABEL: func.func @causal(
// CHECK:         kernel.buffer tiles of
// CHECK:         kernel.count tiles of
// CHECK:         scf.parallel
// CHECK:           arith.subi
// CHECK:           %[[BACK:.+]] = arith.subi
// CHECK:           arith.select %{{.+}}, %[[BACK]],
// CHECK:           scf.for
// CHECK:             scf.for
// CHECK:               memref.prefetch
// CHECK:           scf.for %{{.+}} = %c0 to %{{.+}} step %c8 {
// CHECK:             call @causal_attention8(
// CHECK:           scf.if
// CHECK:             scf.if
// CHECK:               call @causal_attention1(
// CHECK:             } else {
// CHECK:               call @causal_attention8(

// Blocks of 64 keys in ascending order, each for those register tiles in turn that see
// a part of it: scores into a small buffer, a mask only where a row's last key lies in
// the block, weights by 2^x, values gathered key by key.

// CHECK-LABEL: func.func private @causal_attention8(
// CHECK:         kernel.row_cache %{{.+}} : memref<2x32x64xf32>
// CHECK:         kernel.row_cache %{{.+}} : memref<2x2x64x16xf32>
// CHECK:         scf.for
// Scores, 64 keys for all register tiles before the next 64.
// CHECK:           scf.for %[[KEY:.+]] = %{{.+}} to %{{.+}} step %c64 {
// CHECK:             scf.for %{{.+}} = %c0 to %{{.+}} step %c2 {
// CHECK:               %[[SEES:.+]] = arith.cmpi slt, %[[KEY]],
// CHECK:               scf.if %[[SEES]] {
// CHECK:                 vector.load %{{.+}} : memref<2x32x64xf32>
// CHECK:                 math.fma
// No more than 16 keys too many are read at the end.
// CHECK:           scf.for %{{.+}} = %{{.+}} to %{{.+}} step %c16 {
// CHECK:             vector.load %{{.+}} : memref<2x32x64xf32>
// CHECK:           scf.for %{{.+}} = %c0 to %{{.+}} step %c2 {
// CHECK:             scf.if
// CHECK:               scf.if
// CHECK:                 vector.create_mask
// CHECK:                 arith.select
// The sums are rescaled only if weights would be larger than 2^8.
// CHECK:               %[[BOUND:.+]] = arith.addf %{{.+}}, %cst
// CHECK:               arith.cmpf olt, %[[BOUND]],
// CHECK:               scf.if
// CHECK:                 math.roundeven
// CHECK:                 scf.for
// CHECK:                   arith.mulf
// CHECK:               scf.for
// CHECK:                 math.roundeven
// CHECK:           scf.for %{{.+}} = %c0 to %{{.+}} step %c2 {
// CHECK:             scf.if
// CHECK:               vector.load %{{.+}} : memref<2x2x64x16xf32>
// CHECK:               math.fma
// CHECK:         arith.divf
// CHECK:         return
func.func @causal(%step: !kernel.step, %slot: index) {
  %zero = arith.constant 0 : index
  %q = kernel.buffer scratch of %step[%zero] : memref<512x32xf32>
  kernel.attention %step(%q : memref<512x32xf32>) slot %slot into (%q : memref<512x32xf32>)
      attributes {heads = 2 : i64, mask = #kernel.mask<causal>, scale = 0.25 : f64,
                  cache = #kernel.cache<blocks = 2, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 2, vectors = 4, lanes = 16>}
  return
}

// -----

// Capped scores go through tanh, which is a polynomial.

// CHECK-LABEL: func.func private @capped_attention4(
// CHECK-NOT:     math.tanh
// CHECK:         math.copysign
// CHECK:         return
func.func @capped(%step: !kernel.step, %slot: index) {
  %zero = arith.constant 0 : index
  %q = kernel.buffer scratch of %step[%zero] : memref<512x32xf32>
  kernel.attention %step(%q : memref<512x32xf32>) slot %slot into (%q : memref<512x32xf32>)
      attributes {heads = 2 : i64, mask = #kernel.mask<none>, scale = 0.25 : f64, softcap = 30.0 : f64,
                  cache = #kernel.cache<blocks = 2, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 1, vectors = 4, lanes = 16>}
  return
}

// -----

// The heads of a group are queries of one tile: 4 of them for each row, and register
// tiles of 4 have room for 2 vectors.

// CHECK-LABEL: func.func @grouped(
// CHECK:         scf.parallel
// CHECK:           arith.muli %{{.+}}, %c4
// CHECK:           scf.for
// CHECK-LABEL: func.func private @grouped_attention16(
// CHECK:         memref.alloca() {alignment = 64 : i64} : memref<16x64xf32>
// CHECK:         vector.load %{{.+}} : memref<512x128xf32>
// CHECK:         vector.store %{{.+}} : memref<16x16xf32>
// CHECK:         scf.for
// CHECK-COUNT-2:   vector.load %{{.+}} : memref<2x32x64xf32>
// CHECK-COUNT-8:   math.fma
// CHECK:           scf.yield
func.func @grouped(%step: !kernel.step, %slot: index) {
  %zero = arith.constant 0 : index
  %q = kernel.buffer scratch of %step[%zero] : memref<512x128xf32>
  kernel.attention %step(%q : memref<512x128xf32>) slot %slot into (%q : memref<512x128xf32>)
      attributes {heads = 8 : i64, mask = #kernel.mask<causal>, scale = 0.25 : f64,
                  cache = #kernel.cache<blocks = 2, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 4, vectors = 2, lanes = 16>}
  return
}

// -----

// Of 2,048 positions each 1,024 are a chunk with a running softmax of its own; of few
// rows the chunks are shared out, their partial results merged in a second loop.

// CHECK-LABEL: func.func @long(
// CHECK:         %[[ROWS:.+]] = kernel.count rows of
// CHECK:         arith.cmpi slt, %[[ROWS]], %c65
// CHECK:         scf.parallel
// CHECK:         scf.if
// CHECK:           scf.parallel
// CHECK:             call @long_merge(
// CHECK-LABEL: func.func private @long_attention4(
// CHECK:         scf.if %{{.+}} {
// CHECK:           vector.store %{{.+}} : memref<128x96xf32>
// CHECK:         } else {
// CHECK:           math.fma
// CHECK-LABEL: func.func private @long_merge(
// CHECK:         scf.for
// CHECK:           vector.load %{{.+}} : memref<128x96xf32>
// CHECK:         arith.divf
func.func @long(%step: !kernel.step, %slot: index) {
  %zero = arith.constant 0 : index
  %far = arith.constant 65536 : index
  %q = kernel.buffer scratch of %step[%zero] : memref<512x32xf32>
  %p = kernel.buffer scratch of %step[%far] : memref<128x96xf32>
  kernel.attention %step(%q : memref<512x32xf32>) slot %slot into (%q, %p : memref<512x32xf32>, memref<128x96xf32>)
      attributes {heads = 2 : i64, mask = #kernel.mask<causal>, scale = 0.25 : f64,
                  cache = #kernel.cache<blocks = 32, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 1, vectors = 4, lanes = 16>}
  return
}

// -----

// Keys and values of bf16 are widened as they are read.

// CHECK-LABEL: func.func private @halves_attention4(
// CHECK:         vector.load %{{.+}} : memref<2x32x64xi16>
// CHECK-NEXT:    arith.extui %{{.+}} : vector<16xi16> to vector<16xi32>
// CHECK-NEXT:    arith.shli
// CHECK-NEXT:    vector.bitcast
// CHECK:         vector.load %{{.+}} : memref<2x2x64x16xi16>
func.func @halves(%step: !kernel.step, %slot: index) {
  %zero = arith.constant 0 : index
  %q = kernel.buffer scratch of %step[%zero] : memref<512x32xf32>
  kernel.attention %step(%q : memref<512x32xf32>) slot %slot into (%q : memref<512x32xf32>)
      attributes {heads = 2 : i64, mask = #kernel.mask<causal>, scale = 0.25 : f64,
                  cache = #kernel.cache<blocks = 2, kvHeads = 2, headDim = 16, valueDim = 16, format = bf16>,
                  schedule = #kernel.schedule<rows = 1, vectors = 4, lanes = 16>}
  return
}

// -----

// Bytes become floats; a key's scale multiplies its score, a value's its weight, once the
// sum has it without.

// CHECK-LABEL: func.func private @bytes_attention4(
// CHECK:         %[[KEYS:.+]] = kernel.row_cache %{{.+}} : memref<2x2x64xf32>
// CHECK:         %[[VALUES:.+]] = kernel.row_cache %{{.+}} : memref<2x2x64xf32>
// CHECK:         arith.sitofp %{{.+}} : vector<16xi8> to vector<16xf32>
// CHECK:         vector.load %[[KEYS]]
// CHECK-NEXT:    arith.mulf
// CHECK:         vector.load %[[VALUES]]
// CHECK-NEXT:    %[[WEIGHT:.+]] = arith.mulf
// CHECK-NEXT:    vector.store %[[WEIGHT]]
// CHECK-NEXT:    arith.addf
// CHECK:         arith.sitofp
func.func @bytes(%step: !kernel.step, %slot: index) {
  %zero = arith.constant 0 : index
  %q = kernel.buffer scratch of %step[%zero] : memref<512x32xf32>
  kernel.attention %step(%q : memref<512x32xf32>) slot %slot into (%q : memref<512x32xf32>)
      attributes {heads = 2 : i64, mask = #kernel.mask<causal>, scale = 0.25 : f64,
                  cache = #kernel.cache<blocks = 2, kvHeads = 2, headDim = 16, valueDim = 16, format = int8>,
                  schedule = #kernel.schedule<rows = 1, vectors = 4, lanes = 16>}
  return
}

// -----

// Scaled scores of 16 keys have 16 neighbours of the table added, from a column
// that is kept inside of it.

// CHECK-LABEL: func.func private @biased_attention1(
// CHECK:         arith.minsi %{{.+}}, %c32
// CHECK-NEXT:    %[[COLUMN:.+]] = arith.maxsi %{{.+}}, %c0
// CHECK-NEXT:    %[[BIAS:.+]] = vector.load %{{.+}}[%{{.+}}, %[[COLUMN]]] : memref<2x48xf32>, vector<16xf32>
// CHECK-NEXT:    math.fma %{{.+}}, %{{.+}}, %[[BIAS]]
func.func @biased(%step: !kernel.step, %slot: index) {
  %zero = arith.constant 0 : index
  %q = kernel.buffer scratch of %step[%zero] : memref<512x32xf32>
  %bias = kernel.buffer weights of %step[%zero] : memref<2x48xf32>
  kernel.attention %step(%q : memref<512x32xf32>) slot %slot bias (%bias : memref<2x48xf32>)
      into (%q : memref<512x32xf32>)
      attributes {heads = 2 : i64, mask = #kernel.mask<causal>, scale = 0.25 : f64, zero = 31 : i64,
                  cache = #kernel.cache<blocks = 2, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 2, vectors = 4, lanes = 16>}
  return
}

// -----

// As many keys as the tile's sequence has rows of its source, whatever the row's
// own position is.

// CHECK-LABEL: func.func @source(
// CHECK:         %[[TILES:.+]] = kernel.buffer tiles of
// CHECK:         %[[SOURCES:.+]] = kernel.buffer sources of
// CHECK:         scf.parallel
// CHECK:           %[[SEQUENCE:.+]] = memref.load %[[TILES]][%{{.+}}, %c3]
// CHECK:           %[[AT:.+]] = arith.index_cast %[[SEQUENCE]]
// CHECK:           memref.load %[[SOURCES]][%[[AT]]]
func.func @source(%step: !kernel.step, %slot: index) {
  %zero = arith.constant 0 : index
  %q = kernel.buffer scratch of %step[%zero] : memref<512x32xf32>
  kernel.attention %step(%q : memref<512x32xf32>) slot %slot into (%q : memref<512x32xf32>)
      attributes {heads = 2 : i64, mask = #kernel.mask<source>, scale = 0.25 : f64,
                  cache = #kernel.cache<blocks = 2, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 2, vectors = 4, lanes = 16>}
  return
}

// -----

// Before the blocks of the window, those of the sinks, whose scores no window
// hides.

// CHECK-LABEL: func.func private @sinks_attention1(
// CHECK:         %[[SINKS:.+]] = vector.create_mask
// CHECK:         scf.for
// CHECK:         scf.for
func.func @sinks(%step: !kernel.step, %slot: index) {
  %zero = arith.constant 0 : index
  %q = kernel.buffer scratch of %step[%zero] : memref<512x32xf32>
  kernel.attention %step(%q : memref<512x32xf32>) slot %slot into (%q : memref<512x32xf32>)
      attributes {heads = 2 : i64, mask = #kernel.mask<causal>, scale = 0.25 : f64,
                  window = 64 : i64, sinks = 4 : i64,
                  cache = #kernel.cache<blocks = 2, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 2, vectors = 4, lanes = 16>}
  return
}

// -----

// Without a mask a window has an end, too, here those of segments; rows below the
// sinks see all keys.

// CHECK-LABEL: func.func private @global_attention1(
// CHECK:         arith.remui %{{.+}}, %c16
// CHECK:         arith.cmpi slt
// CHECK:         arith.select
// CHECK:         arith.select
// CHECK:         vector.create_mask
func.func @global(%step: !kernel.step, %slot: index) {
  %zero = arith.constant 0 : index
  %q = kernel.buffer scratch of %step[%zero] : memref<512x32xf32>
  kernel.attention %step(%q : memref<512x32xf32>) slot %slot into (%q : memref<512x32xf32>)
      attributes {heads = 2 : i64, mask = #kernel.mask<none>, scale = 0.25 : f64,
                  window = 17 : i64, segment = 16 : i64, sinks = 4 : i64, global,
                  cache = #kernel.cache<blocks = 2, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 2, vectors = 4, lanes = 16>}
  return
}

// -----

// With a prefix, rows see as many keys as the step says.

// CHECK-LABEL: func.func private @prefix_attention1(
// CHECK:         %[[LIMITS:.+]] = kernel.buffer limits of
// CHECK:         memref.load %[[LIMITS]]
func.func @prefix(%step: !kernel.step, %slot: index) {
  %zero = arith.constant 0 : index
  %q = kernel.buffer scratch of %step[%zero] : memref<512x32xf32>
  kernel.attention %step(%q : memref<512x32xf32>) slot %slot into (%q : memref<512x32xf32>)
      attributes {heads = 2 : i64, mask = #kernel.mask<prefix>, scale = 0.25 : f64,
                  cache = #kernel.cache<blocks = 2, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 2, vectors = 4, lanes = 16>}
  return
}

// -----

// Behind the window's blocks those of the segments that are drawn, in the order of the
// draws: numbers of splitmix64, each compared with those before.

// CHECK-LABEL: func.func private @random_attention1(
// CHECK:         %[[DRAWN:.+]] = memref.alloca() : memref<3xi32>
// CHECK:         scf.for
// CHECK:         scf.for
// CHECK:           scf.for
// CHECK:             arith.muli %{{.+}} : i64
// CHECK:             arith.xori
// CHECK:             arith.remui %{{.+}} : i64
// CHECK:             scf.for
// CHECK:               memref.load %[[DRAWN]]
// CHECK:             memref.store %{{.+}}, %[[DRAWN]]
// CHECK:           scf.for
// CHECK:             memref.load %[[DRAWN]]
// CHECK:             scf.for
// CHECK:               vector.create_mask
// CHECK:               math.roundeven
// CHECK:         arith.divf
func.func @random(%step: !kernel.step, %slot: index, %round: index) {
  %zero = arith.constant 0 : index
  %q = kernel.buffer scratch of %step[%zero] : memref<512x32xf32>
  kernel.attention %step(%q : memref<512x32xf32>) slot %slot round %round into (%q : memref<512x32xf32>)
      attributes {heads = 2 : i64, mask = #kernel.mask<none>, scale = 0.25 : f64,
                  window = 17 : i64, segment = 16 : i64, random = #kernel.random<segments = 3, seed = 7>,
                  cache = #kernel.cache<blocks = 2, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 2, vectors = 4, lanes = 16>}
  return
}
