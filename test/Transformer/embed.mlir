// RUN: transformer-opt %s | transformer-opt | FileCheck %s
// RUN: transformer-opt %s -canonicalize | FileCheck %s --check-prefix=CANON

// CHECK-LABEL: func @embed
func.func @embed(%tokens: tensor<?xi32>, %table: tensor<64x8xf32>)
    -> tensor<?x8xf32> {
  // CHECK: transformer.embed %{{.+}}, %{{.+}} : tensor<?xi32>, tensor<64x8xf32>
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  return %x : tensor<?x8xf32>
}

// A scale after the table is the table's own.

// CHECK-LABEL: func @scaled
// CANON-LABEL: func @scaled
func.func @scaled(%tokens: tensor<?xi32>, %table: tensor<64x8xf32>)
    -> tensor<?x8xf32> {
  // CANON-NEXT: %[[X:.+]] = transformer.embed %{{.+}}, %{{.+}} scale = 2.0
  // CANON-NEXT: return %[[X]]
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %y = transformer.scale %x by 2.0 : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CANON-LABEL: func @keeps_scale_of_shared_rows
func.func @keeps_scale_of_shared_rows(%tokens: tensor<?xi32>,
                                      %table: tensor<64x8xf32>)
    -> (tensor<?x8xf32>, tensor<?x8xf32>) {
  // CANON: transformer.scale
  %x = transformer.embed %tokens, %table : tensor<?xi32>, tensor<64x8xf32>
  %y = transformer.scale %x by 2.0 : tensor<?x8xf32>
  return %x, %y : tensor<?x8xf32>, tensor<?x8xf32>
}

// Two roundings are not one.

// CANON-LABEL: func @keeps_second_scale
func.func @keeps_second_scale(%tokens: tensor<?xi32>, %table: tensor<64x8xf32>)
    -> tensor<?x8xf32> {
  // CANON: transformer.embed %{{.+}} scale = 3.0
  // CANON: transformer.scale
  %x = transformer.embed %tokens, %table scale = 3.0
      : tensor<?xi32>, tensor<64x8xf32>
  %y = transformer.scale %x by 2.0 : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
