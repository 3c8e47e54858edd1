// RUN: transformer-opt %s --emit-loops --canonicalize --cse | FileCheck %s

// The keys of a source are as many as its rows, whatever the row's own place.

// CHECK-LABEL: func.func @source(
// CHECK:         %[[SOURCES:.+]] = kernel.buffer sources of
// CHECK:         %[[SEQUENCE:.+]] = memref.load %{{.+}}[%{{.+}}, %c3{{.*}}] : memref<512x4xi32>
// CHECK:         %[[AT:.+]] = arith.index_cast %[[SEQUENCE]]
// CHECK:         %[[ROWS:.+]] = memref.load %[[SOURCES]][%[[AT]]]
// CHECK:         %[[KNOWN:.+]] = arith.index_cast %[[ROWS]]
// CHECK:         call @source_tap_weights({{.+}}, %[[KNOWN]])
func.func @source(%step: !kernel.step, %slot: index, %round: index) {
  %zero = arith.constant 0 : index
  %q = kernel.buffer scratch of %step[%zero] : memref<512x32xf32>
  kernel.tap_weights %step(%q : memref<512x32xf32>) slot %slot round %round
      {heads = 2 : i64, mask = #kernel.mask<source>, scale = 2.5e-01 : f64,
       cache = #kernel.cache<blocks = 2, kvHeads = 2, headDim = 16, valueDim = 16>,
       tap = #kernel.tap<number = 0, name = "x", rounds = 1, heads = 2, columns = 100>}
  return
}
