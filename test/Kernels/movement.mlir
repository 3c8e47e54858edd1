// RUN: transformer-opt %s --emit-loops --canonicalize --cse | FileCheck %s


// Rows of the table by token, times a scale unless it is one.

// CHECK-LABEL: func.func @embed(
// CHECK:         %[[N:.+]] = kernel.count rows of
// CHECK:         scf.parallel (%{{.+}}) = (%{{.+}}) to (%[[N]])
func.func @embed(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %table = kernel.buffer weights of %step[%zero] : memref<100x20xf32>
  %x = kernel.buffer scratch of %step[%zero] : memref<512x20xf32>
  kernel.embed %step(%table : memref<100x20xf32>) into (%x : memref<512x20xf32>)
      attributes {scale = 2.0 : f64}
  return
}

func.func @unscaled(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %table = kernel.buffer weights of %step[%zero] : memref<100x20xf32>
  %x = kernel.buffer scratch of %step[%zero] : memref<512x20xf32>
  kernel.embed %step(%table : memref<100x20xf32>) into (%x : memref<512x20xf32>)
      attributes {scale = 1.0 : f64}
  return
}

func.func @panels(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %table = kernel.buffer weights of %step[%zero] : memref<3x20x48xf32>
  %x = kernel.buffer scratch of %step[%zero] : memref<512x20xf32>
  kernel.embed %step(%table : memref<3x20x48xf32>) into (%x : memref<512x20xf32>)
      attributes {scale = 1.0 : f64}
  return
}

func.func @patches(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<128x12xf32>
  kernel.patches %step into (%x : memref<128x12xf32>)
      attributes {image = array<i64: 3, 8, 6>, size = 2 : i64, skip = 1 : i64}
  return
}

func.func @prepend(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %table = kernel.buffer weights of %step[%zero] : memref<2x16xf32>
  %x = kernel.buffer scratch of %step[%zero] : memref<128x16xf32>
  kernel.prepend %step(%table : memref<2x16xf32>) into (%x : memref<128x16xf32>)
  return
}

// Of each head first its own columns, then the shared ones.

// CHECK-LABEL: func.func @join_heads(
// CHECK:         scf.parallel
func.func @join_heads(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %there = arith.constant 65536 : index
  %own = kernel.buffer scratch of %step[%zero] : memref<512x6xf32>
  %shared = kernel.buffer scratch of %step[%there] : memref<512x2xf32>
  %x = kernel.buffer scratch of %step[%zero] : memref<512x10xf32>
  kernel.join_heads 2 of %step(%own, %shared : memref<512x6xf32>, memref<512x2xf32>)
      into (%x : memref<512x10xf32>)
  return
}

// Of as many rows as the caller wants.

// CHECK-LABEL: func.func @join_outputs(
// CHECK:         %[[WANTED:.+]] = kernel.count outputs of
// CHECK:         scf.parallel (%{{.+}}) = (%{{.+}}) to (%[[WANTED]])
func.func @join_outputs(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %there = arith.constant 65536 : index
  %own = kernel.buffer scratch of %step[%zero] : memref<512x6xf32>
  %shared = kernel.buffer scratch of %step[%there] : memref<512x2xf32>
  %x = kernel.buffer scratch of %step[%zero] : memref<512x8xf32>
  kernel.join_heads 1 of %step(%own, %shared : memref<512x6xf32>, memref<512x2xf32>)
      into (%x : memref<512x8xf32>) attributes {count = #kernel<count outputs>}
  return
}

// Only wanted rows.

// CHECK-LABEL: func.func @gather(
// CHECK:         %[[WANTED:.+]] = kernel.count outputs of
// CHECK:         scf.parallel (%{{.+}}) = (%{{.+}}) to (%[[WANTED]])
func.func @gather(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %there = arith.constant 65536 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x16xf32>
  %y = kernel.buffer scratch of %step[%there] : memref<512x16xf32>
  kernel.gather %step(%x : memref<512x16xf32>) into (%y : memref<512x16xf32>)
  return
}

// CHECK-LABEL: func.func @pool(
// CHECK:         %[[SEQUENCES:.+]] = kernel.count sequences of
// CHECK:         scf.parallel (%{{.+}}) = (%{{.+}}) to (%[[SEQUENCES]])
func.func @pool(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %there = arith.constant 65536 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x16xf32>
  %y = kernel.buffer scratch of %step[%there] : memref<512x16xf32>
  kernel.pool mean of %step(%x : memref<512x16xf32>) into (%y : memref<512x16xf32>)
  return
}

// CHECK-LABEL: func.func private @embed_embed(
// CHECK-SAME:    %[[ROW:[^:]+]]: index)
// CHECK:         %[[TOKENS:.+]] = kernel.buffer tokens of
// CHECK:         memref.load %[[TOKENS]][%[[ROW]]]
// CHECK:         %[[TOKEN:.+]] = arith.index_cast
// CHECK:         vector.load %{{.+}}[%[[TOKEN]], %{{.+}}] : memref<100x20xf32>
// CHECK:         arith.mulf
// CHECK:         vector.store
// CHECK:         vector.maskedstore

// CHECK-LABEL: func.func private @unscaled_embed(
// CHECK-NOT:     arith.mulf
// CHECK:         return

// A table in panels: the columns of a row lie a panel apart.

// CHECK-LABEL: func.func private @panels_embed(
// CHECK:         %[[OF:.+]] = arith.divui %[[TOKEN:.+]], %{{.+}}
// CHECK:         %[[IN:.+]] = arith.remui %[[TOKEN]], %{{.+}}
// CHECK:         scf.for %[[COLUMN:.+]] =
// CHECK:           memref.load %{{.+}}[%[[OF]], %[[COLUMN]], %[[IN]]] : memref<3x20x48xf32>
// CHECK:           memref.store

// The row's patch of its image, channel first; rows before the patches stay.

// CHECK-LABEL: func.func private @patches_patches(
// CHECK:         %[[INPUT:.+]] = kernel.buffer input of
// CHECK:         scf.if
// CHECK:         } else {
// CHECK:           scf.for %[[CHANNEL:[^ ]+]] =
// CHECK:             scf.for
// CHECK:               scf.for
// CHECK:                 memref.load %[[INPUT]][%{{.+}}, %[[CHANNEL]], %{{.+}}, %{{.+}}]

// Only the first rows of a sequence are overwritten.

// CHECK-LABEL: func.func private @prepend_prepend(
// CHECK:         %[[POSITION:.+]] = arith.index_cast
// CHECK:         %[[FIRST:.+]] = arith.cmpi slt, %[[POSITION]], %{{.+}}
// CHECK:         scf.if %[[FIRST]]
// CHECK:           vector.load %{{.+}}[%[[POSITION]], %{{.+}}] : memref<2x16xf32>
// CHECK:           vector.store

// CHECK-LABEL: func.func private @join_heads_join_heads(
// CHECK:         scf.for
// CHECK:           vector.maskedload
// CHECK:           vector.maskedload
// CHECK-LABEL: func.func private @join_outputs_join_heads(
// CHECK-LABEL: func.func private @gather_gather(
// CHECK:         kernel.buffer outputs of
// CHECK:         %[[FROM:.+]] = arith.index_cast
// CHECK:         vector.load %{{.+}}[%[[FROM]], %{{.+}}]

// The mean adds the rows of a sequence in order and divides once.

// CHECK-LABEL: func.func private @pool_pool(
// CHECK:         kernel.buffer starts of
// CHECK:         scf.for
// CHECK:           arith.addf
// CHECK:         arith.divf
// CHECK:         vector.store

// From panels of other formats: the element's bits, and for integers the scale of its
// group.

// CHECK-LABEL: func.func private @bf16_embed(
// CHECK:         arith.shrui
// CHECK:         arith.shli
// CHECK:         arith.bitcast %{{.+}} : i32 to f32
func.func @bf16(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %table = kernel.buffer weights of %step[%zero] : memref<3x10x48xi32>
  %x = kernel.buffer scratch of %step[%zero] : memref<512x19xf32>
  kernel.embed %step(%table : memref<3x10x48xi32>) into (%x : memref<512x19xf32>)
      attributes {scale = 1.0 : f64, format = #kernel.format<bf16>}
  return
}

// CHECK-LABEL: func.func private @int4_embed(
// CHECK:         %[[Q:.+]] = arith.subi
// CHECK:         %[[SCALE:.+]] = arith.extf %{{.+}} : f16 to f32
// CHECK:         %[[VALUE:.+]] = arith.sitofp %[[Q]] : i32 to f32
// CHECK:         arith.mulf %[[VALUE]], %[[SCALE]]
func.func @int4(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %table = kernel.buffer weights of %step[%zero] : memref<3x2x216xi32>
  %x = kernel.buffer scratch of %step[%zero] : memref<512x40xf32>
  kernel.embed %step(%table : memref<3x2x216xi32>) into (%x : memref<512x40xf32>)
      attributes {scale = 1.0 : f64, format = #kernel.format<int4>}
  return
}
