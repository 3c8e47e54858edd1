// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @attention_c1(%step: !kernel.step, %q: memref<512x64xf32>, %slot: index,
    %to: memref<512x64xf32>) {
  // expected-error @below {{4 heads cannot share 3 heads of keys evenly}}
  kernel.attention %step(%q : memref<512x64xf32>) slot %slot into (%to : memref<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<causal>, scale = 0.25 : f64,
                  cache = #kernel.cache<blocks = 16, kvHeads = 3, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
  return
}

// -----

func.func @attention_c1_zero(%step: !kernel.step, %q: memref<512x64xf32>, %slot: index,
    %to: memref<512x64xf32>) {
  // expected-error @below {{4 heads cannot share 0 heads of keys evenly}}
  kernel.attention %step(%q : memref<512x64xf32>) slot %slot into (%to : memref<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<causal>, scale = 0.25 : f64,
                  cache = #kernel.cache<blocks = 16, kvHeads = 0, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
  return
}

// -----

func.func @attention_c2(%step: !kernel.step, %q: memref<512x63xf32>, %slot: index,
    %to: memref<512x64xf32>) {
  // expected-error @below {{query rows have 63 values but 4 heads of 16 need 64}}
  kernel.attention %step(%q : memref<512x63xf32>) slot %slot into (%to : memref<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<causal>, scale = 0.25 : f64,
                  cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
  return
}

// -----

func.func @attention_c3(%step: !kernel.step, %q: memref<512x64xf32>, %slot: index,
    %to: memref<512x64xf32>) {
  // expected-error @below {{destination rows have 64 values, expected 32}}
  kernel.attention %step(%q : memref<512x64xf32>) slot %slot into (%to : memref<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<causal>, scale = 0.25 : f64,
                  cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 8>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
  return
}

// -----

func.func @attention_c3_partials(%step: !kernel.step, %q: memref<512x64xf32>, %slot: index,
    %to: memref<512x64xf32>, %partials: memref<64x192xf32>) {
  // expected-error @below {{partial results are 64 x 192, expected 128 x 192}}
  kernel.attention %step(%q : memref<512x64xf32>) slot %slot
      into (%to, %partials : memref<512x64xf32>, memref<64x192xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<causal>, scale = 0.25 : f64,
                  cache = #kernel.cache<blocks = 32, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
  return
}

// -----

func.func @attention_c4(%step: !kernel.step, %q: memref<512x64xf32>, %slot: index,
    %to: memref<512x64xf32>) {
  // expected-error @below {{a block of 64 keys has no even tiles of 48}}
  kernel.attention %step(%q : memref<512x64xf32>) slot %slot into (%to : memref<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<causal>, scale = 0.25 : f64,
                  cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 8, vectors = 3, lanes = 16>}
  return
}

// -----

func.func @attention_c5_empty(%step: !kernel.step, %q: memref<512x64xf32>, %slot: index,
    %to: memref<512x64xf32>) {
  // expected-error @below {{window is 0, not positive}}
  kernel.attention %step(%q : memref<512x64xf32>) slot %slot into (%to : memref<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<causal>, scale = 0.25 : f64, window = 0 : i64,
                  cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
  return
}

// -----

func.func @attention_c5_mask(%step: !kernel.step, %q: memref<512x64xf32>, %slot: index,
    %to: memref<512x64xf32>) {
  // expected-error @below {{has a window beside a prefix or a source}}
  kernel.attention %step(%q : memref<512x64xf32>) slot %slot into (%to : memref<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<source>, scale = 0.25 : f64, window = 8 : i64,
                  cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
  return
}

// -----

func.func @attention_c6_softcap(%step: !kernel.step, %q: memref<512x64xf32>, %slot: index,
    %to: memref<512x64xf32>) {
  // expected-error @below {{softcap is -1.000000e+00, not a finite number above 0}}
  kernel.attention %step(%q : memref<512x64xf32>) slot %slot into (%to : memref<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<causal>, scale = 0.25 : f64, softcap = -1.0 : f64,
                  cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
  return
}

// -----

func.func @attention_c6_scale(%step: !kernel.step, %q: memref<512x64xf32>, %slot: index,
    %to: memref<512x64xf32>) {
  // expected-error @below {{scale is INF, not finite}}
  kernel.attention %step(%q : memref<512x64xf32>) slot %slot into (%to : memref<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<causal>, scale = 0x7FF0000000000000 : f64,
                  cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
  return
}

// -----

// expected-error @below {{a cache holds f32, bf16 or int8, not int4}}
func.func private @cache_c1() attributes {cache = #kernel.cache<blocks = 1, kvHeads = 2, headDim = 16, valueDim = 16, format = int4>}

// -----

func.func @attention_c7_rows(%step: !kernel.step, %q: memref<512x64xf32>, %slot: index,
    %to: memref<512x64xf32>, %bias: memref<2x48xf32>) {
  // expected-error @below {{bias has 2 rows for 4 heads}}
  kernel.attention %step(%q : memref<512x64xf32>) slot %slot bias (%bias : memref<2x48xf32>)
      into (%to : memref<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<causal>, scale = 0.25 : f64, zero = 31 : i64,
                  cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
  return
}

// -----

func.func @attention_c7_zero(%step: !kernel.step, %q: memref<512x64xf32>, %slot: index,
    %to: memref<512x64xf32>, %bias: memref<4x48xf32>) {
  // expected-error @below {{bias has 48 columns and its zero at 32, expected 16 columns before and behind it}}
  kernel.attention %step(%q : memref<512x64xf32>) slot %slot bias (%bias : memref<4x48xf32>)
      into (%to : memref<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<causal>, scale = 0.25 : f64, zero = 32 : i64,
                  cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
  return
}

// -----

func.func @attention_c7_missing(%step: !kernel.step, %q: memref<512x64xf32>, %slot: index,
    %to: memref<512x64xf32>, %bias: memref<4x48xf32>) {
  // expected-error @below {{bias has 48 columns and its zero at 0, expected 16 columns before and behind it}}
  kernel.attention %step(%q : memref<512x64xf32>) slot %slot bias (%bias : memref<4x48xf32>)
      into (%to : memref<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<causal>, scale = 0.25 : f64,
                  cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
  return
}

// -----

func.func @attention_c7_none(%step: !kernel.step, %q: memref<512x64xf32>, %slot: index,
    %to: memref<512x64xf32>, %bias: memref<4x48xf32>) {
  // expected-error @below {{has a zero but no bias}}
  kernel.attention %step(%q : memref<512x64xf32>) slot %slot
      into (%to : memref<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<causal>, scale = 0.25 : f64, zero = 31 : i64,
                  cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
  return
}

// -----

func.func @attention_c8_bias(%step: !kernel.step, %q: memref<512x64xf32>, %slot: index,
    %to: memref<512x64xf32>, %bias: memref<4x48xf32>) {
  // expected-error @below {{has a bias by position but the mask source}}
  kernel.attention %step(%q : memref<512x64xf32>) slot %slot bias (%bias : memref<4x48xf32>)
      into (%to : memref<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<source>, scale = 0.25 : f64, zero = 31 : i64,
                  cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
  return
}

// -----

func.func @attention_c8(%step: !kernel.step, %q: memref<512x64xf32>, %slot: index,
    %to: memref<512x64xf32>, %partials: memref<128x192xf32>) {
  // expected-error @below {{has partial results but the mask source}}
  kernel.attention %step(%q : memref<512x64xf32>) slot %slot
      into (%to, %partials : memref<512x64xf32>, memref<128x192xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<source>, scale = 0.25 : f64,
                  cache = #kernel.cache<blocks = 32, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
  return
}

// -----

func.func @attention_c5_sinks(%step: !kernel.step, %q: memref<512x64xf32>, %slot: index,
    %to: memref<512x64xf32>) {
  // expected-error @below {{sinks are 1025, not from 1 to 1024}}
  kernel.attention %step(%q : memref<512x64xf32>) slot %slot into (%to : memref<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<causal>, scale = 0.25 : f64, window = 8 : i64, sinks = 1025 : i64,
                  cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
  return
}

// -----

func.func @attention_c5_segment(%step: !kernel.step, %q: memref<512x64xf32>, %slot: index,
    %to: memref<512x64xf32>) {
  // expected-error @below {{has a segment but no window}}
  kernel.attention %step(%q : memref<512x64xf32>) slot %slot into (%to : memref<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<causal>, scale = 0.25 : f64, segment = 8 : i64,
                  cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
  return
}

// -----

func.func @attention_c5_global(%step: !kernel.step, %q: memref<512x64xf32>, %slot: index,
    %to: memref<512x64xf32>) {
  // expected-error @below {{has global rows, which need sinks and no mask}}
  kernel.attention %step(%q : memref<512x64xf32>) slot %slot into (%to : memref<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<none>, scale = 0.25 : f64, window = 8 : i64, global,
                  cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
  return
}

// -----

func.func @attention_c5_sinks_alone(%step: !kernel.step, %q: memref<512x64xf32>, %slot: index,
    %to: memref<512x64xf32>) {
  // expected-error @below {{has sinks but no window}}
  kernel.attention %step(%q : memref<512x64xf32>) slot %slot into (%to : memref<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<causal>, scale = 0.25 : f64, sinks = 4 : i64,
                  cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
  return
}

// -----

func.func @attention_c9_segment(%step: !kernel.step, %q: memref<512x64xf32>, %slot: index,
    %to: memref<512x64xf32>, %partials: memref<128x192xf32>, %round: index) {
  // expected-error @below {{draws segments, which need a segment and no mask}}
  kernel.attention %step(%q : memref<512x64xf32>) slot %slot round %round into (%to : memref<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<none>, scale = 0.25 : f64, window = 8 : i64, random = #kernel.random<segments = 3, seed = 7>,
                  cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
  return
}

// -----

func.func @attention_c9_round(%step: !kernel.step, %q: memref<512x64xf32>, %slot: index,
    %to: memref<512x64xf32>, %partials: memref<128x192xf32>, %round: index) {
  // expected-error @below {{draws segments of no round}}
  kernel.attention %step(%q : memref<512x64xf32>) slot %slot into (%to : memref<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<none>, scale = 0.25 : f64, window = 8 : i64, segment = 8 : i64, random = #kernel.random<segments = 3, seed = 7>,
                  cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
  return
}

// -----

func.func @attention_c9_idle(%step: !kernel.step, %q: memref<512x64xf32>, %slot: index,
    %to: memref<512x64xf32>, %partials: memref<128x192xf32>, %round: index) {
  // expected-error @below {{has a round but draws nothing}}
  kernel.attention %step(%q : memref<512x64xf32>) slot %slot round %round into (%to : memref<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<none>, scale = 0.25 : f64, 
                  cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
  return
}

// -----

func.func @attention_c9_partials(%step: !kernel.step, %q: memref<512x64xf32>, %slot: index,
    %to: memref<512x64xf32>, %partials: memref<128x192xf32>, %round: index) {
  // expected-error @below {{draws segments but has partial results}}
  kernel.attention %step(%q : memref<512x64xf32>) slot %slot round %round into (%to, %partials : memref<512x64xf32>, memref<128x192xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<none>, scale = 0.25 : f64, window = 8 : i64, segment = 8 : i64, random = #kernel.random<segments = 3, seed = 7>,
                  cache = #kernel.cache<blocks = 32, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
  return
}

// -----

// expected-error @below {{draws 257 segments from seed 0, expected 1 to 256 and 0 or more}}
func.func private @random_c1() attributes {x = #kernel.random<segments = 257, seed = 0>}
