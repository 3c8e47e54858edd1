// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @row_tap_c1(%step: !kernel.step, %row: index) {
  // expected-error @below {{is 'memref<12x9xf32>', expected 12 x 8}}
  %to = kernel.row_tap %step row %row {capacity = 512 : i64,
      tap = #kernel.tap<number = 0, name = "x", rounds = 12, heads = 0, columns = 8>}
      : memref<12x9xf32>
  return
}

// -----

func.func @tap_c1(%step: !kernel.step, %x: tensor<512x8xf32>, %round: index) {
  // expected-error @below {{rows have 8 values, the tap says 9}}
  kernel.tap %step(%x : tensor<512x8xf32>) round %round
      {tap = #kernel.tap<number = 0, name = "x", rounds = 12, heads = 0, columns = 9>}
  return
}

// -----

func.func @tap_weights_c3(%step: !kernel.step, %q: tensor<512x64xf32>, %slot: index, %round: index) {
  // expected-error @below {{the tap has 4 heads with weights of 1025 rows, expected 4 of 1 to 1024}}
  kernel.tap_weights %step(%q : tensor<512x64xf32>) slot %slot round %round
      {heads = 4 : i64, mask = #kernel.mask<causal>, scale = 2.5e-01 : f64,
       cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
       tap = #kernel.tap<number = 0, name = "x", rounds = 1, heads = 4, columns = 1025>}
  return
}

// -----

func.func @tap_weights_c4(%step: !kernel.step, %q: tensor<512x64xf32>, %slot: index, %round: index) {
  // expected-error @below {{has a window beside a prefix or a source}}
  kernel.tap_weights %step(%q : tensor<512x64xf32>) slot %slot round %round
      {heads = 4 : i64, mask = #kernel.mask<prefix>, scale = 2.5e-01 : f64, window = 3 : i64,
       cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
       tap = #kernel.tap<number = 0, name = "x", rounds = 1, heads = 4, columns = 1000>}
  return
}

// -----

func.func @tap_weights_c1(%step: !kernel.step, %q: tensor<512x64xf32>, %slot: index, %round: index) {
  // expected-error @below {{4 heads cannot share 3 heads of keys evenly}}
  kernel.tap_weights %step(%q : tensor<512x64xf32>) slot %slot round %round
      {heads = 4 : i64, mask = #kernel.mask<causal>, scale = 2.5e-01 : f64,
       cache = #kernel.cache<blocks = 16, kvHeads = 3, headDim = 16, valueDim = 16>,
       tap = #kernel.tap<number = 0, name = "x", rounds = 1, heads = 4, columns = 1000>}
  return
}

// -----

func.func @tap_weights_c2(%step: !kernel.step, %q: tensor<512x63xf32>, %slot: index, %round: index) {
  // expected-error @below {{query rows have 63 values but 4 heads of 16 need 64}}
  kernel.tap_weights %step(%q : tensor<512x63xf32>) slot %slot round %round
      {heads = 4 : i64, mask = #kernel.mask<causal>, scale = 2.5e-01 : f64,
       cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
       tap = #kernel.tap<number = 0, name = "x", rounds = 1, heads = 4, columns = 1000>}
  return
}

// -----

func.func @tap_weights_c5(%step: !kernel.step, %q: tensor<512x64xf32>, %slot: index, %round: index) {
  // expected-error @below {{has a zero but no bias}}
  kernel.tap_weights %step(%q : tensor<512x64xf32>) slot %slot round %round
      {heads = 4 : i64, mask = #kernel.mask<causal>, scale = 2.5e-01 : f64, zero = 79 : i64,
       cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
       tap = #kernel.tap<number = 0, name = "x", rounds = 1, heads = 4, columns = 1000>}
  return
}

// -----

func.func @tap_weights_c6(%step: !kernel.step, %q: tensor<512x64xf32>, %slot: index, %round: index) {
  // expected-error @below {{scale is INF, not finite}}
  kernel.tap_weights %step(%q : tensor<512x64xf32>) slot %slot round %round
      {heads = 4 : i64, mask = #kernel.mask<causal>, scale = 0x7FF0000000000000 : f64,
       cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
       tap = #kernel.tap<number = 0, name = "x", rounds = 1, heads = 4, columns = 1000>}
  return
}

// -----

func.func @tap_weights_c7(%step: !kernel.step, %q: tensor<512x64xf32>, %slot: index, %bias: memref<4x96xf32>,
                          %round: index) {
  // expected-error @below {{has a bias by distance beside the rows of a source}}
  kernel.tap_weights %step(%q : tensor<512x64xf32>) slot %slot bias(%bias : memref<4x96xf32>) round %round
      {heads = 4 : i64, mask = #kernel.mask<source>, scale = 2.5e-01 : f64, zero = 79 : i64,
       cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
       tap = #kernel.tap<number = 0, name = "x", rounds = 1, heads = 4, columns = 1000>}
  return
}

// -----

func.func @tap_c2_odd(%step: !kernel.step, %x: tensor<512x16xf32>, %round: index) {
  // expected-error @below {{cannot turn 7 of the 8 columns of 2 heads}}
  kernel.tap %step(%x : tensor<512x16xf32>) round %round
      {tap = #kernel.tap<number = 0, name = "x", rounds = 3, heads = 2, columns = 8>, turned = 7 : i64}
  return
}

// -----

func.func @tap_c2_wide(%step: !kernel.step, %x: tensor<512x16xf32>, %round: index) {
  // expected-error @below {{cannot turn 10 of the 8 columns of 2 heads}}
  kernel.tap %step(%x : tensor<512x16xf32>) round %round
      {tap = #kernel.tap<number = 0, name = "x", rounds = 3, heads = 2, columns = 8>, turned = 10 : i64}
  return
}

// -----

func.func @tap_c2_rows(%step: !kernel.step, %x: tensor<512x16xf32>, %round: index) {
  // expected-error @below {{cannot turn 4 of the 16 columns of 0 heads}}
  kernel.tap %step(%x : tensor<512x16xf32>) round %round
      {tap = #kernel.tap<number = 0, name = "x", rounds = 3, heads = 0, columns = 16>, turned = 4 : i64}
  return
}

// -----

func.func @tap_weights_c4_sinks(%step: !kernel.step, %q: tensor<512x64xf32>, %slot: index, %round: index) {
  // expected-error @below {{has sinks but no window}}
  kernel.tap_weights %step(%q : tensor<512x64xf32>) slot %slot round %round
      {heads = 4 : i64, mask = #kernel.mask<causal>, scale = 2.5e-01 : f64, sinks = 3 : i64,
       cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
       tap = #kernel.tap<number = 0, name = "x", rounds = 1, heads = 4, columns = 1000>}
  return
}

// -----

func.func @tap_c3_capacity(%step: !kernel.step, %x: tensor<512x8xf32>, %round: index) {
  // expected-error @below {{has a capacity but no firsts that lead to another step}}
  kernel.tap %step(%x : tensor<512x8xf32>) round %round
      {tap = #kernel.tap<number = 0, name = "x", rounds = 3, heads = 0, columns = 8, made = 1>, capacity = 512 : i64}
  return
}

// -----

func.func @tap_c3_firsts(%step: !kernel.step, %x: tensor<512x8xf32>, %round: index, %firsts: memref<512xi32>) {
  // expected-error @below {{has firsts but not the capacity of the step that they lead to}}
  kernel.tap %step(%x : tensor<512x8xf32>) round %round firsts(%firsts : memref<512xi32>)
      {tap = #kernel.tap<number = 0, name = "x", rounds = 3, heads = 0, columns = 8, made = 1>}
  return
}

// -----

func.func @tap_c3_made(%step: !kernel.step, %x: tensor<512x8xf32>, %round: index) {
  // expected-error @below {{hands out rows that are made, the tap those that go in}}
  kernel.tap %step(%x : tensor<512x8xf32>) round %round
      {tap = #kernel.tap<number = 0, name = "x", rounds = 3, heads = 0, columns = 8>, skip = 1 : i64}
  return
}

// -----

func.func @tap_weights_c8(%step: !kernel.step, %q: tensor<512x64xf32>, %slot: index, %round: index) {
  // expected-error @below {{skips -1 rows}}
  kernel.tap_weights %step(%q : tensor<512x64xf32>) slot %slot round %round
      {heads = 4 : i64, mask = #kernel.mask<none>, scale = 2.5e-01 : f64, skip = -1 : i64,
       cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 16>,
       tap = #kernel.tap<number = 0, name = "x", rounds = 1, heads = 4, columns = 1000, made = 1>}
  return
}
