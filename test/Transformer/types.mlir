// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// A vector for each segment of a text, added; a mask token, put in place.

// CHECK-LABEL: func @types
func.func @types(%x: tensor<?x8xf32>, %rows: !transformer.rows,
                 %two: tensor<2x8xf32>, %one: tensor<1x8xf32>)
    -> tensor<?x8xf32> {
  // CHECK: transformer.types %{{.+}}, %{{.+}}, %{{.+}} : tensor<?x8xf32>, tensor<2x8xf32>
  %y = transformer.types %x, %rows, %two : tensor<?x8xf32>, tensor<2x8xf32>
  // CHECK: transformer.types %{{.+}}, %{{.+}}, %{{.+}} replace : tensor<?x8xf32>, tensor<1x8xf32>
  %z = transformer.types %y, %rows, %one replace
      : tensor<?x8xf32>, tensor<1x8xf32>
  return %z : tensor<?x8xf32>
}
