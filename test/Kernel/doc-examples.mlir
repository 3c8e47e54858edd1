// Every example of the documentation is valid, and every op but those of regions
// has one.

// RUN: /usr/bin/python3 %S/../Transformer/doc-examples.py %S/../../dialects/Kernel/KernelDialect.td %S/../../dialects/Kernel/KernelOps.td %S/../../dialects/Kernel/MovementOps.td %S/../../dialects/Kernel/ExpertOps.td %S/../../dialects/Kernel/ExitOps.td %S/../../dialects/Kernel/GridAttentionOp.td %S/../../dialects/Kernel/HeadMatmulOp.td %S/../../dialects/Kernel/DepthwiseOp.td > %t.mlir
// RUN: transformer-opt %t.mlir -split-input-file | FileCheck %s

// CHECK: kernel.weight
// CHECK: kernel.buffer
// CHECK: kernel.row_cache
// CHECK: kernel.count
// CHECK: kernel.parallel_for
// CHECK: kernel.report
// CHECK: kernel.matmul
// CHECK: kernel.map
// CHECK: kernel.quantise
// CHECK: kernel.norm
// CHECK: kernel.attention
// CHECK: kernel.score_attention
// CHECK: kernel.embed
// CHECK: kernel.patches
// CHECK: kernel.types
// CHECK: kernel.unfolded_step
// CHECK: kernel.made_step
// CHECK: kernel.unfold channels
// CHECK: kernel.source_step
// CHECK: kernel.mix
// CHECK: kernel.prepend
// CHECK: kernel.gather
// CHECK: kernel.pool
// CHECK: kernel.route
// CHECK: kernel.list_rows
// CHECK: kernel.chosen_step
// CHECK: kernel.take_rows
// CHECK: kernel.add_rows
// CHECK: kernel.remain_all
// CHECK: kernel.remaining_step
// CHECK: kernel.leave
// CHECK: kernel.grid_attention
// CHECK: kernel.head_matmul
// CHECK: kernel.depthwise
