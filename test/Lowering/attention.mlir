// RUN: transformer-opt %s --lower-to-kernel | FileCheck %s
// RUN: sed 's/module attributes {/module attributes {kernel.cache = #kernel.format<bf16>, /' %s | transformer-opt --lower-to-kernel | FileCheck %s --check-prefix=BF16
// RUN: sed 's/module attributes {/module attributes {kernel.cache = #kernel.format<int8>, /' %s | transformer-opt --lower-to-kernel | FileCheck %s --check-prefix=INT8

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// Keys and values go into the cache, attention reads them there. One block of 64
// positions holds 2 x 2 x 64 keys and 2 x 64 x 16 values: 9216 bytes; half of that as
// bf16; a quarter as int8 and 2 x 2 x 64 scales of 4 bytes.

// BF16-LABEL: func @grouped_step
// BF16-SAME: kernel.cache_bytes = 4608 : i64
// BF16:      kernel.map {{.+}} cache = #kernel.cache<blocks = 1, kvHeads = 2, headDim = 2, valueDim = 2, format = bf16>
// BF16:      kernel.attention {{.+}} valueDim = 2, format = bf16>
// INT8-LABEL: func @grouped_step
// INT8-SAME: kernel.cache_bytes = 3328 : i64
// INT8:      kernel.attention {{.+}} valueDim = 2, format = int8>

// CHECK-LABEL: func @grouped_step
// CHECK-SAME: kernel.cache_bytes = 9216 : i64
// CHECK:      %[[X:.+]] = kernel.embed
// CHECK:      %[[K:.+]] = kernel.matmul
// CHECK:      %[[SLOT:.+]] = arith.constant 0 : index
// CHECK:      kernel.map rows of %[[STEP:.+]](%[[K]] : tensor<512x4xf32>) slot %[[SLOT]]
// CHECK-SAME: cache = #kernel.cache<blocks = 1, kvHeads = 2, headDim = 2, valueDim = 2>
// CHECK-SAME: target = #kernel.to<keys>
// CHECK:      kernel.map rows of %[[STEP]](%[[K]] : tensor<512x4xf32>) slot %[[SLOT]]
// CHECK-SAME: target = #kernel.to<values>
// CHECK:      kernel.attention %[[STEP]](%[[X]] : tensor<512x8xf32>) slot %[[SLOT]] into(%{{.+}} : tensor<512x8xf32>)
// CHECK-SAME: heads = 4 : i64, mask = #kernel.mask<causal>
// CHECK-SAME: schedule = #kernel.schedule<rows = 6, vectors = 4, lanes = 16>
// CHECK-SAME: window = 8 : i64
func.func @grouped(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %wk = transformer.weight "key.weight" : tensor<4x8xf32>
  %k = transformer.linear %x, %wk : tensor<?x8xf32>, tensor<4x8xf32>
  %y = transformer.attention causal %x, %k, %k, %rows heads = 4 kv_heads = 2 scale = 0.5 window = 8
      : tensor<?x8xf32>, tensor<?x4xf32>, tensor<?x4xf32>
  return %y : tensor<?x8xf32>
}

// A second attention has its own share behind the first.

// CHECK-LABEL: func @second_step
// CHECK-SAME: kernel.cache_bytes = 20480 : i64
// CHECK:      kernel.attention
// CHECK:      %[[SLOT:.+]] = arith.constant 10240 : index
// CHECK:      kernel.attention {{.+}} slot %[[SLOT]]
func.func @second(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %a = transformer.attention causal %x, %x, %x, %rows heads = 2 kv_heads = 2 scale = 0.5
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  %y = transformer.attention causal %a, %a, %a, %rows heads = 2 kv_heads = 2 scale = 0.5
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// Above 1,024 positions there is room for partial results: of 64 rows, two chunks,
// two heads, 16 values and 32 more each.

// CHECK-LABEL: func @long_step
// CHECK:      %[[PARTIALS:.+]] = tensor.empty() : tensor<128x96xf32>
// CHECK:      kernel.attention {{.+}} into(%{{.+}}, %[[PARTIALS]] : tensor<512x8xf32>, tensor<128x96xf32>)
func.func @long(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 1025 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %y = transformer.attention causal %x, %x, %x, %rows heads = 2 kv_heads = 2 scale = 0.5
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// Biases become tables of the weights: a row for each head, a column for each
// distance in a context of 16 rows, and 16 more on either side.

// CHECK-LABEL: func @biased_step
// CHECK:      %[[ALIBI:.+]] = kernel.weight [#kernel.part<origin = alibi, name = "", rows = 2, cols = 48, distances = <zero = 31, slopes = [6.250000e-02, 3.906250e-03]>>]{{.+}} : memref<2x48xf32>
// CHECK:      kernel.attention {{.+}} bias(%[[ALIBI]] : memref<2x48xf32>) {{.+}}zero = 31 : i64
// CHECK:      %[[RELATIVE:.+]] = kernel.weight [#kernel.part<origin = buckets, name = "relative.weight", rows = 2, cols = 63, distances = <zero = 31, buckets = 32, reach = 128>>]{{.+}} : memref<2x63xf32>
// CHECK:      kernel.attention {{.+}} bias(%[[RELATIVE]] : memref<2x63xf32>) {{.+}}zero = 31 : i64
func.func @biased(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %a = transformer.alibi causal slopes = [0.0625, 0.00390625] reach = 15 : tensor<2x16xf32>
  %y = transformer.attention causal %x, %x, %x, %rows bias %a heads = 2 kv_heads = 2 scale = 0.5
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<2x16xf32>
  %buckets = transformer.weight "relative.weight" : tensor<32x2xf32>
  %r = transformer.relative %buckets reach = 128 : tensor<32x2xf32>
  %z = transformer.attention none %y, %y, %y, %rows bias %r heads = 2 kv_heads = 2 scale = 0.5
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<2x257xf32>
  return %z : tensor<?x8xf32>
}

// What is drawn depends on the repetition.

// CHECK-LABEL: func @random_step
// CHECK:      scf.for %[[I:[a-z0-9]+]] =
// CHECK:      %[[ROUND:.+]] = arith.addi %{{.+}}, %[[I]]
// CHECK:      kernel.attention {{.+}} round %[[ROUND]] into(
// CHECK-SAME: random = #kernel.random<segments = 3, seed = 7>
func.func @random(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64} {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %two = arith.constant 2 : index
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %y = scf.for %i = %zero to %two step %one iter_args(%a = %x) -> tensor<?x8xf32> {
    %b = transformer.attention none %a, %a, %a, %rows heads = 2 kv_heads = 2 scale = 0.5
        window = 1 segment = 2 random = 3 seed = 7
        : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
    scf.yield %b : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}

}
