// RUN: transformer-opt %s --lower-to-kernel | FileCheck %s

// The shared columns are copied behind each head's own; from there they go into
// the cache as any keys do.

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// CHECK-LABEL: func @keys_step
// CHECK:         %[[OWN:.+]] = kernel.matmul
// CHECK:         %[[SHARED:.+]] = kernel.matmul
// CHECK:         %[[K:.+]] = kernel.join_heads 2 of %{{.+}}(%[[OWN]], %[[SHARED]] : tensor<512x6xf32>, tensor<512x2xf32>)
// CHECK:         kernel.map rows of %{{.+}}(%[[K]] : tensor<512x10xf32>) slot
// CHECK-SAME:      target = #kernel.to<keys>
func.func @keys(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.causal, transformer.context = 64 : i64, transformer.vocab = 7 : i64} {
  %table = transformer.weight "embed.weight" : tensor<7x8xf32>
  %own = transformer.weight "key.weight" : tensor<6x8xf32>
  %shared = transformer.weight "shared.weight" : tensor<2x8xf32>
  %query = transformer.weight "query.weight" : tensor<10x8xf32>
  %value = transformer.weight "value.weight" : tensor<8x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<7x8xf32>
  %a = transformer.linear %x, %own : tensor<?x8xf32>, tensor<6x8xf32>
  %b = transformer.linear %x, %shared : tensor<?x8xf32>, tensor<2x8xf32>
  %q = transformer.linear %x, %query : tensor<?x8xf32>, tensor<10x8xf32>
  %v = transformer.linear %x, %value : tensor<?x8xf32>, tensor<8x8xf32>
  %k = transformer.join_heads %a, %b heads = 2 : tensor<?x6xf32>, tensor<?x2xf32>
  %y = transformer.attention causal %q, %k, %v, %rows heads = 2 kv_heads = 2 scale = 0.5
      : tensor<?x10xf32>, tensor<?x10xf32>, tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// Wanted rows stand side by side: no more of them are joined.

// CHECK-LABEL: func @two_outputs_step
// CHECK:         kernel.join_heads 1 of %{{.+}}(%{{.+}}, %{{.+}} : tensor<512x6xf32>, tensor<512x2xf32>)
// CHECK-SAME:      count = #kernel<count outputs>
func.func @two_outputs(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.causal, transformer.context = 64 : i64, transformer.vocab = 7 : i64} {
  %table = transformer.weight "embed.weight" : tensor<7x8xf32>
  %first = transformer.weight "first.weight" : tensor<6x8xf32>
  %second = transformer.weight "second.weight" : tensor<2x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<7x8xf32>
  %wanted = transformer.outputs %x, %rows : tensor<?x8xf32>
  %a = transformer.linear %wanted, %first : tensor<?x8xf32>, tensor<6x8xf32>
  %b = transformer.linear %wanted, %second : tensor<?x8xf32>, tensor<2x8xf32>
  %y = transformer.join_heads %a, %b heads = 1 : tensor<?x6xf32>, tensor<?x2xf32>
  return %y : tensor<?x8xf32>
}

}
