// RUN: transformer-opt %s | transformer-opt | FileCheck %s

// CHECK-LABEL: func @layer
// CHECK-SAME:    %[[X:.+]]: tensor<?x8xf32>, %[[W:.+]]: tensor<8xf32>, %[[B:.+]]: tensor<8xf32>
func.func @layer(%x: tensor<?x8xf32>, %w: tensor<8xf32>, %b: tensor<8xf32>)
    -> tensor<?x8xf32> {
  // CHECK: transformer.norm layer %[[X]] weight %[[W]] bias %[[B]] eps = 1.000000e-05 : tensor<?x8xf32>, tensor<8xf32>, tensor<8xf32>
  %y = transformer.norm layer %x weight %w bias %b eps = 1.0e-5
      : tensor<?x8xf32>, tensor<8xf32>, tensor<8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func @rms_from_one
func.func @rms_from_one(%x: tensor<?x8xf32>, %w: tensor<8xf32>)
    -> tensor<?x8xf32> {
  // CHECK: transformer.norm rms %{{.+}} weight %{{.+}} eps = {{.+}} offset = 1.000000e+00 : tensor<?x8xf32>, tensor<8xf32>
  %y = transformer.norm rms %x weight %w eps = 1.0e-6 offset = 1.0
      : tensor<?x8xf32>, tensor<8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func @no_parameters
func.func @no_parameters(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK: transformer.norm rms %{{.+}} eps = 0.000000e+00 : tensor<?x8xf32>
  %y = transformer.norm rms %x eps = 0.0 : tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func @heads
func.func @heads(%x: tensor<?x8xf32>, %w: tensor<4xf32>) -> tensor<?x8xf32> {
  // CHECK: transformer.norm rms %{{.+}} weight %{{.+}} eps = {{.+}} group = 4 : tensor<?x8xf32>, tensor<4xf32>
  %y = transformer.norm rms %x weight %w eps = 1.0e-6 group = 4
      : tensor<?x8xf32>, tensor<4xf32>
  return %y : tensor<?x8xf32>
}
