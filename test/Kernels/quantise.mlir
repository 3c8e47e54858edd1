// RUN: transformer-opt %s --emit-loops --canonicalize --cse | FileCheck %s


// A group of 32 columns: its largest magnitude makes the scale, its values become
// bytes, eight words of them; then the scale, and what makes up for weights being
// stored with 128 added.

// CHECK-LABEL: func.func private @whole_quantise(
// CHECK:         scf.for
// CHECK-COUNT-2:   vector.load %{{.+}} : memref<512x64xf32>, vector<16xf32>
// CHECK-COUNT-2:   math.absf
// CHECK:           %[[SCALE:.+]] = arith.divf %[[MOST:.+]], %{{.+}} : f32
// CHECK:           %[[INVERSE:.+]] = arith.divf %{{.+}}, %[[MOST]] : f32
// CHECK:           arith.select %{{.+}}, %{{.+}}, %[[INVERSE]] : f32
// CHECK:           math.roundeven
// CHECK-NEXT:      arith.fptosi %{{.+}} : vector<16xf32> to vector<16xi32>
// CHECK-NEXT:      arith.trunci %{{.+}} : vector<16xi32> to vector<16xi8>
// CHECK-NEXT:      vector.bitcast %{{.+}} : vector<16xi8> to vector<4xi32>
// CHECK-NEXT:      vector.store %{{.+}} : memref<512x20xi32>, vector<4xi32>
// CHECK:           %[[SUM:.+]] = vector.reduction <add>, %{{.+}} : vector<16xi32> into i32
// CHECK:           %[[BITS:.+]] = arith.bitcast %[[SCALE]] : f32 to i32
// CHECK:           memref.store %[[BITS]]
// CHECK:           %[[OFFSET:.+]] = arith.muli %[[SUM]], %{{.+}} : i32
// CHECK:           memref.store %[[OFFSET]]
// CHECK-NOT:       maskedload
func.func @whole(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x64xf32>
  %q = kernel.buffer scratch of %step[%zero] : memref<512x20xi32>
  kernel.quantise rows of %step(%x : memref<512x64xf32>) into (%q : memref<512x20xi32>)
      attributes {format = #kernel.format<int8>}
  return
}

// The half of a last group that is not full reads zeros behind the row, not memory.

// CHECK-LABEL: func.func private @tail_quantise(
// CHECK:         vector.load
// CHECK:         vector.maskedload
// CHECK-COUNT-2: vector.store %{{.+}} : memref<512x10xi32>, vector<4xi32>
func.func @tail(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x23xf32>
  %q = kernel.buffer scratch of %step[%zero] : memref<512x10xi32>
  kernel.quantise rows of %step(%x : memref<512x23xf32>) into (%q : memref<512x10xi32>)
      attributes {format = #kernel.format<int4>}
  return
}

// Pairs of bf16: nothing but rounding.

// CHECK-LABEL: func.func private @pairs_quantise(
// CHECK:         vector.maskedload
// CHECK:         arith.truncf %{{.+}} : vector<16xf32> to vector<16xbf16>
// CHECK:         vector.bitcast %{{.+}} : vector<16xbf16> to vector<8xi32>
// CHECK:         vector.maskedstore
func.func @pairs(%step: !kernel.step) {
  %zero = arith.constant 0 : index
  %x = kernel.buffer scratch of %step[%zero] : memref<512x7xf32>
  %q = kernel.buffer scratch of %step[%zero] : memref<512x4xi32>
  kernel.quantise rows of %step(%x : memref<512x7xf32>) into (%q : memref<512x4xi32>)
      attributes {format = #kernel.format<bf16>}
  return
}
