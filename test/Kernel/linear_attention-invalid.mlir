// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @linear_attention_c1(%step: !kernel.step, %q: tensor<512x48xf32>, %k: tensor<512x32xf32>,
                               %e: tensor<512x48xf32>, %slot: index) {
  // expected-error @below {{3 heads cannot share 2 heads of keys evenly}}
  %r = kernel.linear_attention %step(%q, %k, %k : tensor<512x48xf32>, tensor<512x32xf32>, tensor<512x32xf32>)
      slot %slot into (%e : tensor<512x48xf32>)
      attributes {heads = 3 : i64, mask = #kernel.mask<causal>, divisor = #kernel.divisor<weights>,
                  state = #kernel.state<kvHeads = 2, headDim = 16, valueDim = 16>}
      -> tensor<512x48xf32>
  return
}

// -----

func.func @linear_attention_c2(%step: !kernel.step, %q: tensor<512x64xf32>, %k: tensor<512x30xf32>,
                               %v: tensor<512x32xf32>, %e: tensor<512x64xf32>, %slot: index) {
  // expected-error @below {{key rows have 30 values, the state needs 32}}
  %r = kernel.linear_attention %step(%q, %k, %v : tensor<512x64xf32>, tensor<512x30xf32>, tensor<512x32xf32>)
      slot %slot into (%e : tensor<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<causal>, divisor = #kernel.divisor<weights>,
                  state = #kernel.state<kvHeads = 2, headDim = 16, valueDim = 16>}
      -> tensor<512x64xf32>
  return
}

// -----

func.func @linear_attention_c3(%step: !kernel.step, %q: tensor<512x64xf32>, %k: tensor<512x32xf32>,
                               %e: tensor<512x60xf32>, %slot: index) {
  // expected-error @below {{destination}}
  %r = kernel.linear_attention %step(%q, %k, %k : tensor<512x64xf32>, tensor<512x32xf32>, tensor<512x32xf32>)
      slot %slot into (%e : tensor<512x60xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<causal>, divisor = #kernel.divisor<weights>,
                  state = #kernel.state<kvHeads = 2, headDim = 16, valueDim = 16>}
      -> tensor<512x60xf32>
  return
}

// -----

func.func @linear_attention_c4(%step: !kernel.step, %q: tensor<512x64xf32>, %k: tensor<512x32xf32>,
                               %e: tensor<512x64xf32>, %slot: index) {
  // expected-error @below {{sees the rows of a source, which kernel.attention does}}
  %r = kernel.linear_attention %step(%q, %k, %k : tensor<512x64xf32>, tensor<512x32xf32>, tensor<512x32xf32>)
      slot %slot into (%e : tensor<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<source>, divisor = #kernel.divisor<weights>,
                  state = #kernel.state<kvHeads = 2, headDim = 16, valueDim = 16>}
      -> tensor<512x64xf32>
  return
}

// -----

func.func @linear_attention_c5(%step: !kernel.step, %q: tensor<512x64xf32>, %k: tensor<512x32xf32>,
                               %e: tensor<512x64xf32>, %d: tensor<512x2xf32>, %slot: index) {
  // expected-error @below {{decays with the mask none and the divisor weights, expected causal and one or weights}}
  %r = kernel.linear_attention %step(%q, %k, %k : tensor<512x64xf32>, tensor<512x32xf32>, tensor<512x32xf32>)
      slot %slot decay (%d : tensor<512x2xf32>) into (%e : tensor<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<none>, divisor = #kernel.divisor<weights>,
                  state = #kernel.state<kvHeads = 2, headDim = 16, valueDim = 16>}
      -> tensor<512x64xf32>
  return
}

// -----

func.func @linear_attention_c5_number(%step: !kernel.step, %q: tensor<512x64xf32>, %k: tensor<512x32xf32>,
                               %e: tensor<512x64xf32>, %d: memref<192xf32>, %slot: index) {
  // expected-error @below {{decays with the mask causal and the divisor number, expected causal and one or weights}}
  %r = kernel.linear_attention %step(%q, %k, %k : tensor<512x64xf32>, tensor<512x32xf32>, tensor<512x32xf32>)
      slot %slot decay (%d : memref<192xf32>) into (%e : tensor<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<causal>, divisor = #kernel.divisor<number>,
                  state = #kernel.state<kvHeads = 2, headDim = 16, valueDim = 16>}
      -> tensor<512x64xf32>
  return
}

// -----

func.func @linear_attention_c5_rows(%step: !kernel.step, %q: tensor<512x64xf32>, %k: tensor<512x32xf32>,
                               %e: tensor<512x64xf32>, %d: tensor<512x4xf32>, %slot: index) {
  // expected-error @below {{decay has 4 values, the state has 2 heads}}
  %r = kernel.linear_attention %step(%q, %k, %k : tensor<512x64xf32>, tensor<512x32xf32>, tensor<512x32xf32>)
      slot %slot decay (%d : tensor<512x4xf32>) into (%e : tensor<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<causal>, divisor = #kernel.divisor<one>,
                  state = #kernel.state<kvHeads = 2, headDim = 16, valueDim = 16>}
      -> tensor<512x64xf32>
  return
}

// -----

func.func @linear_attention_c5_vector(%step: !kernel.step, %q: tensor<512x64xf32>, %k: tensor<512x32xf32>,
                               %e: tensor<512x64xf32>, %d: memref<1xf32>, %slot: index) {
  // expected-error @below {{decay has 1 values, the state has 2 heads}}
  %r = kernel.linear_attention %step(%q, %k, %k : tensor<512x64xf32>, tensor<512x32xf32>, tensor<512x32xf32>)
      slot %slot decay (%d : memref<1xf32>) into (%e : tensor<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<causal>, divisor = #kernel.divisor<one>,
                  state = #kernel.state<kvHeads = 2, headDim = 16, valueDim = 16>}
      -> tensor<512x64xf32>
  return
}

// -----

func.func @linear_attention_c6(%step: !kernel.step, %q: tensor<512x64xf32>, %k: tensor<512x32xf32>,
                               %e: tensor<512x64xf32>, %d: tensor<512x2xf32>, %slot: index) {
  // expected-error @below {{follows the delta rule with the mask causal and the divisor weights, expected causal and one}}
  %r = kernel.linear_attention %step(%q, %k, %k : tensor<512x64xf32>, tensor<512x32xf32>, tensor<512x32xf32>)
      slot %slot delta (%d : tensor<512x2xf32>) into (%e : tensor<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<causal>, divisor = #kernel.divisor<weights>,
                  state = #kernel.state<kvHeads = 2, headDim = 16, valueDim = 16>}
      -> tensor<512x64xf32>
  return
}

// -----

func.func @linear_attention_c6_columns(%step: !kernel.step, %q: tensor<512x64xf32>, %k: tensor<512x32xf32>,
                               %e: tensor<512x64xf32>, %d: tensor<512x4xf32>, %slot: index) {
  // expected-error @below {{delta has 4 values, the state has 2 heads}}
  %r = kernel.linear_attention %step(%q, %k, %k : tensor<512x64xf32>, tensor<512x32xf32>, tensor<512x32xf32>)
      slot %slot delta (%d : tensor<512x4xf32>) into (%e : tensor<512x64xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<causal>, divisor = #kernel.divisor<one>,
                  state = #kernel.state<kvHeads = 2, headDim = 16, valueDim = 16>}
      -> tensor<512x64xf32>
  return
}
