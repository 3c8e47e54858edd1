// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @patches_c1(%images: tensor<?x1x28x28xf32>) {
  // expected-error @below {{size is 0, not positive}}
  %x = transformer.patches %images size = 0 : tensor<?x1x28x28xf32>
  return
}

// -----

func.func @patches_c2(%images: tensor<?x1x28x30xf32>) {
  // expected-error @below {{images of 28 x 30 cannot be cut evenly into patches of 7 x 7}}
  %x = transformer.patches %images size = 7 : tensor<?x1x28x30xf32>
  return
}

// -----

func.func @patches_shape(%images: tensor<?x1x28x?xf32>) {
  // expected-error @below {{must be f32 images of known channels, height and width}}
  %x = transformer.patches %images size = 7 : tensor<?x1x28x?xf32>
  return
}
