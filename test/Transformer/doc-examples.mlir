// Every example of the documentation is valid, and every op has one.

// RUN: /usr/bin/python3 %S/doc-examples.py %S/../../dialects/Transformer/TransformerDialect.td %S/../../dialects/Transformer/InputOps.td %S/../../dialects/Transformer/TransformerOps.td %S/../../dialects/Transformer/AttentionOps.td %S/../../dialects/Transformer/LinearAttentionOps.td %S/../../dialects/Transformer/ExpertOps.td > %t.mlir
// RUN: transformer-opt %t.mlir | FileCheck %s

// CHECK: func @bigram
// CHECK: func @words_encoder
// CHECK: func @words
// CHECK: func private @step
// CHECK: transformer.weight
// CHECK: transformer.embed
// CHECK: transformer.position
// CHECK: transformer.patches
// CHECK: transformer.input
// CHECK: transformer.types
// CHECK: transformer.prepend
// CHECK: transformer.norm
// CHECK: transformer.linear
// CHECK: transformer.activation
// CHECK: transformer.scale
// CHECK: transformer.softcap
// CHECK: transformer.rotary
// CHECK: transformer.pool
// CHECK: transformer.unfold
// CHECK: transformer.depthwise
// CHECK: transformer.mix
// CHECK: transformer.exit
// CHECK: transformer.outputs
// CHECK: transformer.alibi
// CHECK: transformer.relative
// CHECK: transformer.attention
// CHECK: transformer.score_attention
// CHECK: transformer.grid_attention
// CHECK: transformer.cross_attention
// CHECK: transformer.route
// CHECK: transformer.experts
// CHECK: transformer.yield
