// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @random_features_c1(%x: tensor<?x12xf32>, %w: tensor<5x4xf32>) {
  // expected-error @below {{5 heads cannot share 12 columns evenly}}
  %y = transformer.random_features %x, %w heads = 5 : tensor<?x12xf32>, tensor<5x4xf32>
  return
}

// -----

func.func @random_features_c1_none(%x: tensor<?x12xf32>, %w: tensor<5x4xf32>) {
  // expected-error @below {{0 heads cannot share 12 columns evenly}}
  %y = transformer.random_features %x, %w heads = 0 : tensor<?x12xf32>, tensor<5x4xf32>
  return
}

// -----

func.func @random_features_c2(%x: tensor<?x12xf32>, %w: tensor<5x4xf32>) {
  // expected-error @below {{heads of 6 columns meet a weight of 4}}
  %y = transformer.random_features %x, %w heads = 2 : tensor<?x12xf32>, tensor<5x4xf32>
  return
}
