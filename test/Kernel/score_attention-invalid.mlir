// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @score_attention_c1(%step: !kernel.step, %q: tensor<512x64xf32>, %slot: index) {
  // expected-error @below {{4 heads cannot share 3 heads of keys evenly}}
  %r = kernel.score_attention linear of %step(%q : tensor<512x64xf32>) slot %slot into (%q : tensor<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<none>, divisor = #kernel.divisor<one>, scale = 1.0 : f64,
                  hidden = 0 : i64, cache = #kernel.cache<blocks = 1, kvHeads = 3, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>} -> tensor<512x64xf32>
  return
}

// -----

func.func @score_attention_c5(%step: !kernel.step, %q: tensor<512x64xf32>, %slot: index) {
  // expected-error @below {{hides rows at the end but has a causal mask}}
  %r = kernel.score_attention relu of %step(%q : tensor<512x64xf32>) slot %slot into (%q : tensor<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<causal>, divisor = #kernel.divisor<one>, scale = 1.0 : f64,
                  hidden = 1 : i64, cache = #kernel.cache<blocks = 1, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>} -> tensor<512x64xf32>
  return
}

// -----

func.func @score_attention_c7(%step: !kernel.step, %q: memref<512x64xf32>, %slot: index,
    %to: memref<512x64xf32>) {
  // expected-error @below {{sees the rows of a source, which kernel.attention does}}
  kernel.score_attention linear of %step(%q : memref<512x64xf32>) slot %slot
      into (%to : memref<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<source>, divisor = #kernel.divisor<one>,
                  scale = 1.0 : f64, hidden = 0 : i64,
                  cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
  return
}

// -----

func.func @score_attention_c7_prefix(%step: !kernel.step, %q: tensor<512x64xf32>, %slot: index) {
  // expected-error @below {{has a prefix, which scores as weights do not take}}
  %r = kernel.score_attention relu of %step(%q : tensor<512x64xf32>) slot %slot into (%q : tensor<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<prefix>, divisor = #kernel.divisor<one>, scale = 1.0 : f64,
                  hidden = 0 : i64, cache = #kernel.cache<blocks = 1, kvHeads = 2, headDim = 16, valueDim = 16>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>} -> tensor<512x64xf32>
  return
}
