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

// -----

func.func @patches_c3(%images: tensor<?x1x28x28xf32>) {
  // expected-error @below {{stride is 0, not positive}}
  %x = transformer.patches %images size = 7 stride = 0 : tensor<?x1x28x28xf32>
  return
}

// -----

func.func @patches_c3_pad(%images: tensor<?x1x28x28xf32>) {
  // expected-error @below {{has no windows of size 7, stride 7 and pad 7}}
  %x = transformer.patches %images size = 7 pad = 7 : tensor<?x1x28x28xf32>
  return
}

// -----

func.func @patches_c4(%images: tensor<?x1x4x28xf32>) {
  // expected-error @below {{patches of 7 do not fit images of 4 x 28 with a pad of 1}}
  %x = transformer.patches %images size = 7 stride = 4 pad = 1 : tensor<?x1x4x28xf32>
  return
}
