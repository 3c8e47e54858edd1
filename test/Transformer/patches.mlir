// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// CHECK-LABEL: func @any_number
func.func @any_number(%images: tensor<?x3x32x16xf32>) -> tensor<?x192xf32> {
  // CHECK: transformer.patches %{{.+}} size = 8 : tensor<?x3x32x16xf32>
  %x = transformer.patches %images size = 8 : tensor<?x3x32x16xf32>
  return %x : tensor<?x192xf32>
}

// CHECK-LABEL: func @two_images
func.func @two_images(%images: tensor<2x1x28x28xf32>) -> tensor<32x49xf32> {
  // CHECK: transformer.patches %{{.+}} size = 7 : tensor<2x1x28x28xf32>
  %x = transformer.patches %images size = 7 : tensor<2x1x28x28xf32>
  return %x : tensor<32x49xf32>
}

// CHECK-LABEL: func @overlapping
func.func @overlapping(%images: tensor<?x3x32x16xf32>) -> tensor<?x147xf32> {
  // CHECK: transformer.patches %{{.+}} size = 7 stride = 4 pad = 2 : tensor<?x3x32x16xf32>
  %x = transformer.patches %images size = 7 stride = 4 pad = 2 : tensor<?x3x32x16xf32>
  return %x : tensor<?x147xf32>
}
