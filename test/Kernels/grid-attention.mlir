// RUN: transformer-opt %s --emit-loops --canonicalize --cse | FileCheck %s

// A head and a tile of one image at a time, 3 x 3 tiles for a grid of 4 x 4 that is shifted:
// its keys and values side by side on the stack, then register tiles of queries.

// CHECK-LABEL: func.func @shifted(
// CHECK:         kernel.count sequences
// CHECK:         scf.parallel
// CHECK:           call @shifted_grid_attention(
// CHECK-LABEL: func.func private @shifted_grid_attention(
// CHECK-DAG:     %[[KEYS:.+]] = memref.alloca() {{.*}} : memref<3x16xf32>
// CHECK-DAG:     %[[VALUES:.+]] = memref.alloca() {{.*}} : memref<4x16xf32>
// CHECK:         arith.maxsi
// CHECK:         memref.store %{{.+}}, %[[KEYS]]
// CHECK:         vector.store %{{.+}}, %[[VALUES]]
// CHECK:         scf.for
// CHECK:           math.fma
// CHECK:           vector.load %{{.+}} : memref<8x16xf32>, vector<16xf32>
// CHECK:           arith.divf
// CHECK:         return
func.func @shifted(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %q = kernel.buffer scratch of %step[%zero] : memref<512x6xf32>
  %k = kernel.buffer scratch of %step[%zero] : memref<512x3xf32>
  %to = kernel.buffer scratch of %step[%zero] : memref<512x10xf32>
  %v = kernel.buffer scratch of %step[%zero] : memref<512x5xf32>
  %b = kernel.buffer weights of %step[%zero] : memref<8x16xf32>
  kernel.grid_attention %step(%q, %k, %v : memref<512x6xf32>, memref<512x3xf32>, memref<512x5xf32>)
      bias (%b : memref<8x16xf32>) into (%to : memref<512x10xf32>)
      attributes {heads = 2 : i64, kvHeads = 1 : i64, grid = array<i64: 4, 4>, tile = 2 : i64,
                  shift = 1 : i64, scale = 5.0e-01 : f64,
                  schedule = #kernel.schedule<rows = 12, vectors = 2, lanes = 16>}
  return
}
