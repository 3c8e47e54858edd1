// RUN: transformer-opt %s | transformer-opt | FileCheck %s


// Four heads of queries share two of keys (16) and values (8).

// CHECK-LABEL: func @grouped
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step, %[[Q:.+]]: tensor<512x64xf32>, %[[SLOT:.+]]: index, %[[TO:.+]]: tensor<512x32xf32>
func.func @grouped(%step: !kernel.step, %q: tensor<512x64xf32>, %slot: index,
                   %to: tensor<512x32xf32>) -> tensor<512x32xf32> {
  // CHECK: kernel.attention %[[STEP]](%[[Q]] : tensor<512x64xf32>) slot %[[SLOT]] into(%[[TO]] : tensor<512x32xf32>)
  // CHECK-SAME: cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 8>
  // CHECK-SAME: mask = #kernel.mask<causal>
  // CHECK-SAME: softcap = 3.000000e+01 : f64, window = 128 : i64
  %r = kernel.attention %step(%q : tensor<512x64xf32>) slot %slot into (%to : tensor<512x32xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<causal>, scale = 0.25 : f64,
                  window = 128 : i64, softcap = 30.0 : f64,
                  cache = #kernel.cache<blocks = 16, kvHeads = 2, headDim = 16, valueDim = 8>,
                  schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>}
      -> tensor<512x32xf32>
  return %r : tensor<512x32xf32>
}
