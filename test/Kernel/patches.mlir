// RUN: transformer-opt %s | transformer-opt | FileCheck %s


// CHECK-LABEL: func @behind_one_row
// CHECK-SAME:    %[[STEP:.+]]: !kernel.step, %[[TO:.+]]: tensor<128x12xf32>
func.func @behind_one_row(%step: !kernel.step, %to: tensor<128x12xf32>) -> tensor<128x12xf32> {
  // CHECK: kernel.patches %[[STEP]] into(%[[TO]] : tensor<128x12xf32>) attributes {image = array<i64: 3, 8, 6>, size = 2 : i64, skip = 1 : i64} -> tensor<128x12xf32>
  %r = kernel.patches %step into (%to : tensor<128x12xf32>)
      attributes {image = array<i64: 3, 8, 6>, size = 2 : i64, skip = 1 : i64} -> tensor<128x12xf32>
  return %r : tensor<128x12xf32>
}
