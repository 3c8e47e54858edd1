// RUN: transformer-opt %s --emit-loops --canonicalize --cse | FileCheck %s


// bf16 is extended by shifting and masking and multiplied as f32, the even k first.
// An odd last k is a step of its own, which reads no column behind the row.

// CHECK-LABEL: func.func private @bf16_matmul1(
// CHECK:         %[[SUM:.+]] = scf.for %[[PAIR:.+]] = %{{.+}} to %{{.+}} step %{{.+}} iter_args
// CHECK:           %[[WORDS:.+]] = vector.load %{{.+}}[%{{.+}}, %[[PAIR]], %{{.+}}] : memref<1x4x16xi32>, vector<16xi32>
// CHECK:           arith.shli %[[WORDS]]
// CHECK:           math.fma
// CHECK:           arith.andi %[[WORDS]]
// CHECK:           math.fma
// CHECK:         }
// CHECK:         arith.shli
// CHECK:         math.fma
// CHECK-NOT:     math.fma
// CHECK:         return
func.func @bf16(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x7xf32>
  %y = kernel.buffer scratch of %step[%zero] : memref<512x16xf32>
  %w = kernel.buffer weights of %step[%zero] : memref<1x4x16xi32>
  kernel.matmul rows of %step(%x : memref<512x7xf32>) by (%w : memref<1x4x16xi32>) into (%y : memref<512x16xf32>)
      attributes {columns = array<i64: 16>, targets = [#kernel.to<rows>], accesses = [], accumulators = 1 : i64,
                  format = #kernel.format<bf16>,
                  schedule = #kernel.schedule<rows = 1, vectors = 1, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// Rows of pairs: one dot product for two values of k.

// CHECK-LABEL: func.func private @pairs_matmul1(
// CHECK:         scf.for
// CHECK:           llvm.call_intrinsic "llvm.x86.avx512bf16.dpbf16ps.512"(%{{.+}}) : (vector<16xf32>, vector<32xbf16>, vector<32xbf16>) -> vector<16xf32>
// CHECK-NOT:       call_intrinsic
func.func @pairs(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x4xi32>
  %y = kernel.buffer scratch of %step[%zero] : memref<512x16xf32>
  %w = kernel.buffer weights of %step[%zero] : memref<1x4x16xi32>
  kernel.matmul rows of %step(%x : memref<512x4xi32>) by (%w : memref<1x4x16xi32>) into (%y : memref<512x16xf32>)
      attributes {columns = array<i64: 16>, targets = [#kernel.to<rows>], accesses = [], accumulators = 1 : i64,
                  format = #kernel.format<bf16>,
                  schedule = #kernel.schedule<rows = 1, vectors = 1, lanes = 16>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// A group: sums of integers begin with the row's offset; eight dot products of four
// values of k; then one fma by the product of both scales.

// CHECK-LABEL: func.func private @int8_matmul1(
// CHECK:         scf.for %{{.+}} iter_args(%[[ACC:.+]] = %{{.+}}) -> (vector<16xf32>)
// CHECK:           %[[OFFSET:.+]] = vector.broadcast %{{.+}} : i32 to vector<16xi32>
// CHECK:           llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"(%[[OFFSET]], %{{.+}}, %{{.+}}) : (vector<16xi32>, vector<64xi8>, vector<64xi8>)
// CHECK-COUNT-7:   llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
// CHECK-NOT:       call_intrinsic
// CHECK:           vector.load %{{.+}} vector<8xi32>
// CHECK:           vector.bitcast %{{.+}} : vector<8xi32> to vector<16xf16>
// CHECK:           %[[W:.+]] = arith.extf
// CHECK:           %[[X:.+]] = vector.broadcast %{{.+}} : f32 to vector<16xf32>
// CHECK:           %[[DOT:.+]] = arith.sitofp
// CHECK:           %[[SCALE:.+]] = arith.mulf %[[W]], %[[X]]
// CHECK:           math.fma %[[DOT]], %[[SCALE]], %[[ACC]]
func.func @int8(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x20xi32>
  %y = kernel.buffer scratch of %step[%zero] : memref<512x16xf32>
  %w = kernel.buffer weights of %step[%zero] : memref<1x2x136xi32>
  kernel.matmul rows of %step(%x : memref<512x20xi32>) by (%w : memref<1x2x136xi32>) into (%y : memref<512x16xf32>)
      attributes {columns = array<i64: 16>, targets = [#kernel.to<rows>], accesses = [], accumulators = 1 : i64,
                  format = #kernel.format<int8>,
                  schedule = #kernel.schedule<rows = 1, vectors = 1, lanes = 16, dot = <vpdpbusd>>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// A word of int4 is two times four values of k.

// CHECK-LABEL: func.func private @int4_matmul1(
// CHECK:         %[[WORDS:.+]] = vector.load %{{.+}} : memref<1x2x72xi32>, vector<16xi32>
// CHECK-DAG:     %[[HIGH:.+]] = arith.shrui %[[WORDS]]
// CHECK-DAG:     arith.andi %[[WORDS]]
// CHECK-DAG:     arith.andi %[[HIGH]]
// CHECK-COUNT-8: vpdpbusd
// CHECK-NOT:     vpdpbusd
func.func @int4(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x20xi32>
  %y = kernel.buffer scratch of %step[%zero] : memref<512x16xf32>
  %w = kernel.buffer weights of %step[%zero] : memref<1x2x72xi32>
  kernel.matmul rows of %step(%x : memref<512x20xi32>) by (%w : memref<1x2x72xi32>) into (%y : memref<512x16xf32>)
      attributes {columns = array<i64: 16>, targets = [#kernel.to<rows>], accesses = [], accumulators = 1 : i64,
                  format = #kernel.format<int4>,
                  schedule = #kernel.schedule<rows = 1, vectors = 1, lanes = 16, dot = <vpdpbusd>>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// AVX2 multiplies unsigned by signed bytes, whose sums of two fit 16 bits where the
// weights' signs go over to the inputs. A loop, or the words of all lines would not
// fit the registers.

// CHECK-LABEL: func.func private @plain_matmul1(
// CHECK:         scf.for
// CHECK:           scf.for
// CHECK:             %[[W:.+]] = vector.bitcast %{{.+}} : vector<8xi32> to vector<32xi8>
// CHECK:             %[[SIZE:.+]] = llvm.call_intrinsic "llvm.abs.v32i8"(%[[W]], %{{.+}})
// CHECK:             %[[X:.+]] = llvm.call_intrinsic "llvm.x86.avx2.psign.b"(%{{.+}}, %[[W]])
// CHECK:             %[[TWO:.+]] = llvm.call_intrinsic "llvm.x86.avx2.pmadd.ub.sw"(%[[SIZE]], %[[X]])
// CHECK:             llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"(%[[TWO]], %{{.+}})
// CHECK-NOT:       call_intrinsic
func.func @plain(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x20xi32>
  %y = kernel.buffer scratch of %step[%zero] : memref<512x8xf32>
  %w = kernel.buffer weights of %step[%zero] : memref<1x2x68xi32>
  kernel.matmul rows of %step(%x : memref<512x20xi32>) by (%w : memref<1x2x68xi32>) into (%y : memref<512x8xf32>)
      attributes {columns = array<i64: 8>, targets = [#kernel.to<rows>], accesses = [], accumulators = 1 : i64,
                  format = #kernel.format<int8>,
                  schedule = #kernel.schedule<rows = 1, vectors = 1, lanes = 8, dot = <pmaddwd>>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// All eight sums of two products of a nibble and a byte fit 16 bits together.

// CHECK-LABEL: func.func private @wide_matmul1(
// CHECK:         scf.for
// CHECK-COUNT-8:   llvm.call_intrinsic "llvm.x86.avx512.pmaddubs.w.512"
// CHECK:           %[[OFFSET:.+]] = vector.broadcast %{{.+}} : i32 to vector<16xi32>
// CHECK:           %[[SUM:.+]] = llvm.call_intrinsic "llvm.x86.avx512.pmaddw.d.512"
// CHECK:           arith.addi %[[OFFSET]], %[[SUM]]
// CHECK-NOT:       call_intrinsic
func.func @wide(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x20xi32>
  %y = kernel.buffer scratch of %step[%zero] : memref<512x16xf32>
  %w = kernel.buffer weights of %step[%zero] : memref<1x2x72xi32>
  kernel.matmul rows of %step(%x : memref<512x20xi32>) by (%w : memref<1x2x72xi32>) into (%y : memref<512x16xf32>)
      attributes {columns = array<i64: 16>, targets = [#kernel.to<rows>], accesses = [], accumulators = 1 : i64,
                  format = #kernel.format<int4>,
                  schedule = #kernel.schedule<rows = 1, vectors = 1, lanes = 16, dot = <pmaddwd>>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// AVX-512 has no such signs: even bytes, then odd ones, in 16 bits.

// CHECK-LABEL: func.func private @halves_matmul1(
// CHECK:         scf.for
// CHECK:           scf.for
// CHECK:             arith.andi %{{.+}} : vector<32xi16>
// CHECK:             arith.shrui %{{.+}} : vector<32xi16>
// CHECK-COUNT-2:     llvm.call_intrinsic "llvm.x86.avx512.pmaddw.d.512"
// CHECK-NOT:       call_intrinsic
func.func @halves(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x20xi32>
  %y = kernel.buffer scratch of %step[%zero] : memref<512x16xf32>
  %w = kernel.buffer weights of %step[%zero] : memref<1x2x136xi32>
  kernel.matmul rows of %step(%x : memref<512x20xi32>) by (%w : memref<1x2x136xi32>) into (%y : memref<512x16xf32>)
      attributes {columns = array<i64: 16>, targets = [#kernel.to<rows>], accesses = [], accumulators = 1 : i64,
                  format = #kernel.format<int8>,
                  schedule = #kernel.schedule<rows = 1, vectors = 1, lanes = 16, dot = <pmaddwd>>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// Signed instructions take 128 off the bytes of int8 and start from 0. Nibbles are
// never negative and keep their 8.

// CHECK-LABEL: func.func private @signed_matmul1(
// CHECK:         %[[ZERO:.+]] = arith.constant dense<0> : vector<4xi32>
// CHECK:         arith.xori %{{.+}} : vector<4xi32>
// CHECK:         llvm.call_intrinsic "llvm.aarch64.neon.sdot.v4i32.v16i8"(%[[ZERO]], %{{.+}}, %{{.+}}) : (vector<4xi32>, vector<16xi8>, vector<16xi8>)
func.func @signed(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x20xi32>
  %y = kernel.buffer scratch of %step[%zero] : memref<512x4xf32>
  %w = kernel.buffer weights of %step[%zero] : memref<1x2x34xi32>
  kernel.matmul rows of %step(%x : memref<512x20xi32>) by (%w : memref<1x2x34xi32>) into (%y : memref<512x4xf32>)
      attributes {columns = array<i64: 4>, targets = [#kernel.to<rows>], accesses = [], accumulators = 1 : i64,
                  format = #kernel.format<int8>,
                  schedule = #kernel.schedule<rows = 1, vectors = 1, lanes = 4, dot = <sdot>>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// CHECK-LABEL: func.func private @nibbles_matmul1(
// CHECK-NOT:     arith.xori
// CHECK:         %[[OFFSET:.+]] = vector.broadcast %{{.+}} : i32 to vector<4xi32>
// CHECK:         llvm.call_intrinsic "llvm.aarch64.neon.sdot.v4i32.v16i8"(%[[OFFSET]],
func.func @nibbles(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x20xi32>
  %y = kernel.buffer scratch of %step[%zero] : memref<512x4xf32>
  %w = kernel.buffer weights of %step[%zero] : memref<1x2x18xi32>
  kernel.matmul rows of %step(%x : memref<512x20xi32>) by (%w : memref<1x2x18xi32>) into (%y : memref<512x4xf32>)
      attributes {columns = array<i64: 4>, targets = [#kernel.to<rows>], accesses = [], accumulators = 1 : i64,
                  format = #kernel.format<int4>,
                  schedule = #kernel.schedule<rows = 1, vectors = 1, lanes = 4, dot = <sdot>>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}

// CHECK-LABEL: func.func private @neon_matmul1(
// CHECK:         arith.muli %{{.+}} : vector<8xi16>
// CHECK:         arith.muli %{{.+}} : vector<8xi16>
// CHECK:         arith.addi %{{.+}} : vector<8xi16>
// CHECK:         llvm.call_intrinsic "llvm.aarch64.neon.saddlp.v4i32.v8i16"
func.func @neon(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x20xi32>
  %y = kernel.buffer scratch of %step[%zero] : memref<512x4xf32>
  %w = kernel.buffer weights of %step[%zero] : memref<1x2x34xi32>
  kernel.matmul rows of %step(%x : memref<512x20xi32>) by (%w : memref<1x2x34xi32>) into (%y : memref<512x4xf32>)
      attributes {columns = array<i64: 4>, targets = [#kernel.to<rows>], accesses = [], accumulators = 1 : i64,
                  format = #kernel.format<int8>,
                  schedule = #kernel.schedule<rows = 1, vectors = 1, lanes = 4, dot = <saddlp>>} {
  ^bb0(%acc: f32):
    kernel.yield %acc
  }
  return
}
