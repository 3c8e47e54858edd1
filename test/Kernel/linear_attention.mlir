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
