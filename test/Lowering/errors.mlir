// RUN: transformer-opt %s --lower-to-kernel -split-input-file -verify-diagnostics

// expected-error @below {{the module has no 'kernel.target' attribute: schedules need a target}}
module {
}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {
func.func @no_kernel(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  // expected-error @below {{has no kernel}}
  %y = math.absf %x : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {
func.func @format_without_kernel(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  // expected-error @below {{is stored as int8 but the target says nothing of integers}}
  %table = transformer.weight "embed.weight" {format = #transformer.format<int8>}
      : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  return %x : tensor<?x8xf32>
}
}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {
func.func @rotary_without_linear(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  // expected-error @below {{in halves layout needs a linear layer of its own before it, whose rows become pairs}}
  %y = transformer.rotary halves %x, %rows head_dim = 4 dim = 2 frequencies = [1.0] : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {
func.func @rotary_of_shared_weight(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %w = transformer.weight "query.weight" : tensor<8x8xf32>
  %b = transformer.weight "query.bias" : tensor<8xf32>
  %q = transformer.linear %x, %w bias %b : tensor<?x8xf32>, tensor<8x8xf32>, tensor<8xf32>
  %z = transformer.rotary halves %q, %rows head_dim = 4 dim = 2 frequencies = [1.0] : tensor<?x8xf32>
  %r = transformer.linear %z, %w : tensor<?x8xf32>, tensor<8x8xf32>
  // expected-error @below {{in halves layout needs a linear layer of its own before it, whose rows become pairs}}
  %y = transformer.rotary halves %r, %rows head_dim = 4 dim = 4 frequencies = [1.0, 0.5] : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {
func.func @rotary_of_shared_norm(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %w = transformer.weight "query.weight" : tensor<8x8xf32>
  %b = transformer.weight "query.bias" : tensor<8xf32>
  %q = transformer.linear %x, %w bias %b : tensor<?x8xf32>, tensor<8x8xf32>, tensor<8xf32>
  %m = transformer.weight "norm.weight" : tensor<4xf32>
  %z = transformer.rotary halves %q, %rows head_dim = 4 dim = 2 frequencies = [1.0] : tensor<?x8xf32>
  %w2 = transformer.weight "other" : tensor<8x8xf32>
  %r = transformer.linear %z, %w2 : tensor<?x8xf32>, tensor<8x8xf32>
  %h = transformer.norm rms %r weight %m eps = 1.0e-6 group = 4 : tensor<?x8xf32>, tensor<4xf32>
  %h2 = transformer.rotary halves %h, %rows head_dim = 4 dim = 2 frequencies = [1.0] : tensor<?x8xf32>
  %w3 = transformer.weight "third" : tensor<8x8xf32>
  %r3 = transformer.linear %h2, %w3 : tensor<?x8xf32>, tensor<8x8xf32>
  %h3 = transformer.norm rms %r3 weight %m eps = 1.0e-6 group = 4 : tensor<?x8xf32>, tensor<4xf32>
  // expected-error @below {{shares its norm's weight}}
  %y = transformer.rotary halves %h3, %rows head_dim = 4 dim = 4 frequencies = [1.0, 0.5] : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {
func.func @loop_of_unknown_length(%rows: !transformer.rows, %tokens: tensor<?xi32>, %n: index) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  // expected-error @below {{needs a constant number of repetitions of one value}}
  %y = scf.for %i = %zero to %n step %one iter_args(%in = %x) -> (tensor<?x8xf32>) {
    scf.yield %in : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}
}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {
func.func @weight_of_no_model(%rows: !transformer.rows, %tokens: tensor<?xi32>, %w: tensor<8x8xf32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  // expected-error @below {{needs weights of the model}}
  %y = transformer.linear %x, %w : tensor<?x8xf32>, tensor<8x8xf32>
  return %y : tensor<?x8xf32>
}
}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {
func.func @table_of_no_model(%rows: !transformer.rows, %tokens: tensor<?xi32>, %t: tensor<16x8xf32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  // expected-error @below {{needs weights of the model}}
  %y = transformer.position %x, %rows, %t : tensor<?x8xf32>, tensor<16x8xf32>
  return %y : tensor<?x8xf32>
}
}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {
func.func @rows_from_outside(%rows: !transformer.rows, %tokens: tensor<?xi32>, %z: tensor<?x8xf32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  // expected-error @below {{reads rows that no kernel makes}}
  %y = transformer.activation relu %z : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {
func.func @index_from_outside(%rows: !transformer.rows, %tokens: tensor<?xi32>, %i: index) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  // expected-error @below {{is indexed by what is no repetition}}
  %table = transformer.weight "layers.{i}.weight"[%i] : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  return %x : tensor<?x8xf32>
}
}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

func.func @no_encoder(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  // expected-error @below {{needs keys and values that follow from the rows of an encoder}}
  %y = transformer.cross_attention %x, %x, %x, %rows, %rows heads = 2 kv_heads = 2 scale = 0.5
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

func.func @e(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64} {
  %table = transformer.weight "encoder.embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  return %x : tensor<?x8xf32>
}
func.func @mixed_rows(%rows: !transformer.rows, %tokens: tensor<?xi32>,
                      %source: !transformer.rows, %memory: tensor<?x8xf32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal, transformer.encoder = @e} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  // expected-error @below {{reads rows that no kernel makes}}
  %y = arith.addf %x, %memory : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {

// expected-error @below {{returns something else than all of its rows}}
func.func @e(%rows: !transformer.rows, %tokens: tensor<?xi32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64} {
  %table = transformer.weight "encoder.embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %y = transformer.pool first %x, %rows : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
func.func @pooled_source(%rows: !transformer.rows, %tokens: tensor<?xi32>,
                         %source: !transformer.rows, %memory: tensor<?x8xf32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64, transformer.causal, transformer.encoder = @e} {
  %table = transformer.weight "embed.weight" : tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %y = transformer.cross_attention %x, %memory, %memory, %rows, %source heads = 2 kv_heads = 2
      scale = 0.5 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {
func.func @windows_of_pieces(%rows: !transformer.rows, %reals: tensor<?x8xf32>) -> tensor<?x24xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %x = transformer.input %reals : tensor<?x8xf32>
  // expected-error @below {{is in a causal model, whose sequences may come in pieces}}
  %y, %made = transformer.unfold rows %x, %rows size = 3 stride = 1 pad = 1 : tensor<?x8xf32>
  return %y : tensor<?x24xf32>
}
}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {
func.func @types_of_made_rows(%rows: !transformer.rows, %reals: tensor<?x8xf32>) -> tensor<?x16xf32>
    attributes {transformer.context = 16 : i64} {
  %x = transformer.input %reals : tensor<?x8xf32>
  %y, %made = transformer.unfold rows %x, %rows size = 2 stride = 2 pad = 0 : tensor<?x8xf32>
  %table = transformer.weight "types.weight" : tensor<2x16xf32>
  // expected-error @below {{tells apart rows that are not those of the input}}
  %z = transformer.types %y, %made, %table : tensor<?x16xf32>, tensor<2x16xf32>
  return %z : tensor<?x16xf32>
}
}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {
func.func @other_grid(%rows: !transformer.rows, %reals: tensor<?x8xf32>) -> tensor<?x32xf32>
    attributes {transformer.context = 16 : i64} {
  %x = transformer.input %reals : tensor<?x8xf32>
  // expected-error @below {{has a grid of 4 x 6 for sequences of 16 rows}}
  %y, %made = transformer.unfold rows %x, %rows size = 2 stride = 2 pad = 0 grid = [4, 6] : tensor<?x8xf32>
  return %y : tensor<?x32xf32>
}
}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {
func.func @few_columns(%rows: !transformer.rows, %reals: tensor<?x8xf32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64} {
  %x = transformer.input %reals : tensor<?x8xf32>
  %w = transformer.weight "reduce.weight" : tensor<4x9xf32>
  // expected-error @below {{mixes 9 rows of sequences of 16}}
  %y, %made = transformer.mix %x, %rows, %w : tensor<?x8xf32>, tensor<4x9xf32>
  return %y : tensor<?x8xf32>
}
}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {
func.func @other_source(%rows: !transformer.rows, %reals: tensor<?x8xf32>) -> tensor<?x8xf32>
    attributes {transformer.context = 16 : i64} {
  %x = transformer.input %reals : tensor<?x8xf32>
  %w = transformer.weight "reduce.weight" : tensor<4x16xf32>
  %y, %made = transformer.mix %x, %rows, %w : tensor<?x8xf32>, tensor<4x16xf32>
  // expected-error @below {{needs keys and values of its source, and all rows}}
  %z = transformer.cross_attention %x, %x, %y, %rows, %made heads = 2 kv_heads = 2 scale = 0.5
      : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return %z : tensor<?x8xf32>
}
}

// -----

module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu",
    cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4],
    attention = [6, 4]>} {
func.func @odd_heads(%rows: !transformer.rows, %reals: tensor<?x6xf32>) -> tensor<?x6xf32>
    attributes {transformer.context = 16 : i64, transformer.causal} {
  %x = transformer.input %reals : tensor<?x6xf32>
  // expected-error @below {{has heads of an odd number of columns, where pairs of columns are no pairs of a head}}
  %y = transformer.rotary pairs %x, %rows head_dim = 3 dim = 2 frequencies = [1.0] : tensor<?x6xf32>
  return %y : tensor<?x6xf32>
}
}
