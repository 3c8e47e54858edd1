// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// Scores are of another width than the rows, which go on as they are.

// CHECK-LABEL: func @sure
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<?x8xf32>, %[[SCORES:[a-z0-9]+]]: tensor<?x3xf32>, %[[ROWS:[a-z0-9]+]]: !transformer.rows
func.func @sure(%x: tensor<?x8xf32>, %scores: tensor<?x3xf32>, %rows: !transformer.rows) -> tensor<?x8xf32> {
  // CHECK: transformer.exit %[[X]], %[[SCORES]], %[[ROWS]] above = 9.000000e-01 : tensor<?x8xf32>, tensor<?x3xf32>
  %y = transformer.exit %x, %scores, %rows above = 0.9 : tensor<?x8xf32>, tensor<?x3xf32>
  return %y : tensor<?x8xf32>
}
