// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// CHECK-LABEL: func @grouped
func.func @grouped(%step: !kernel.step, %q: tensor<512x64xf32>, %k: tensor<512x32xf32>,
                   %v: tensor<512x48xf32>, %slot: index) -> tensor<512x96xf32> {
  %e = tensor.empty() : tensor<512x96xf32>
  // CHECK: kernel.linear_attention %{{.+}}(%{{.+}}, %{{.+}}, %{{.+}} : tensor<512x64xf32>, tensor<512x32xf32>, tensor<512x48xf32>)
  // CHECK-SAME: divisor = #kernel.divisor<number>, heads = 4 : i64, mask = #kernel.mask<none>
  // CHECK-SAME: state = #kernel.state<kvHeads = 2, headDim = 16, valueDim = 24>
  %r = kernel.linear_attention %step(%q, %k, %v : tensor<512x64xf32>, tensor<512x32xf32>, tensor<512x48xf32>)
      slot %slot into (%e : tensor<512x96xf32>)
      attributes {heads = 4 : i64, mask = #kernel.mask<none>, divisor = #kernel.divisor<number>,
                  state = #kernel.state<kvHeads = 2, headDim = 16, valueDim = 24>}
      -> tensor<512x96xf32>
  return %r : tensor<512x96xf32>
}

// CHECK-LABEL: func @decays
func.func @decays(%step: !kernel.step, %q: tensor<512x32xf32>, %each: tensor<512x2xf32>,
                  %all: memref<192xf32>, %slot: index) -> tensor<512x32xf32> {
  %e = tensor.empty() : tensor<512x32xf32>
  // CHECK: kernel.linear_attention {{.+}} decay(%{{.+}} : tensor<512x2xf32>) into
  %r = kernel.linear_attention %step(%q, %q, %q : tensor<512x32xf32>, tensor<512x32xf32>, tensor<512x32xf32>)
      slot %slot decay (%each : tensor<512x2xf32>) into (%e : tensor<512x32xf32>)
      attributes {heads = 2 : i64, mask = #kernel.mask<causal>, divisor = #kernel.divisor<one>,
                  state = #kernel.state<kvHeads = 2, headDim = 16, valueDim = 16>}
      -> tensor<512x32xf32>
  // CHECK: kernel.linear_attention {{.+}} decay(%{{.+}} : memref<192xf32>) into
  %s = kernel.linear_attention %step(%r, %r, %r : tensor<512x32xf32>, tensor<512x32xf32>, tensor<512x32xf32>)
      slot %slot decay (%all : memref<192xf32>) into (%e : tensor<512x32xf32>)
      attributes {heads = 2 : i64, mask = #kernel.mask<causal>, divisor = #kernel.divisor<weights>,
                  state = #kernel.state<kvHeads = 2, headDim = 16, valueDim = 16>}
      -> tensor<512x32xf32>
  return %s : tensor<512x32xf32>
}

// CHECK-LABEL: func @corrects
func.func @corrects(%step: !kernel.step, %q: tensor<512x32xf32>, %share: tensor<512x2xf32>,
                    %all: memref<192xf32>, %slot: index) -> tensor<512x32xf32> {
  %e = tensor.empty() : tensor<512x32xf32>
  // CHECK: kernel.linear_attention {{.+}} decay(%{{.+}} : memref<192xf32>) delta(%{{.+}} : tensor<512x2xf32>) into
  %r = kernel.linear_attention %step(%q, %q, %q : tensor<512x32xf32>, tensor<512x32xf32>, tensor<512x32xf32>)
      slot %slot decay (%all : memref<192xf32>) delta (%share : tensor<512x2xf32>) into (%e : tensor<512x32xf32>)
      attributes {heads = 2 : i64, mask = #kernel.mask<causal>, divisor = #kernel.divisor<one>,
                  state = #kernel.state<kvHeads = 2, headDim = 16, valueDim = 16>}
      -> tensor<512x32xf32>
  return %r : tensor<512x32xf32>
}
