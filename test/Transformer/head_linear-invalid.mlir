// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @head_linear_c1(%x: tensor<?x21xf32>, %w: tensor<6x5xf32>) {
  // expected-error @below {{2 heads cannot share 21 columns evenly}}
  %y = transformer.head_linear %x, %w heads = 2 : tensor<?x21xf32>, tensor<6x5xf32>
  return
}

// -----

func.func @head_linear_c1_rows(%x: tensor<?x21xf32>, %w: tensor<7x5xf32>) {
  // expected-error @below {{3 heads cannot share 7 weight rows evenly}}
  %y = transformer.head_linear %x, %w heads = 3 : tensor<?x21xf32>, tensor<7x5xf32>
  return
}

// -----

func.func @head_linear_c2(%x: tensor<?x12xf32>, %w: tensor<6x5xf32>) {
  // expected-error @below {{heads of 4 columns meet a weight of 5}}
  %y = transformer.head_linear %x, %w heads = 3 : tensor<?x12xf32>, tensor<6x5xf32>
  return
}

// -----

func.func @head_linear_c2_transposed(%x: tensor<?x12xf32>, %w: tensor<15x5xf32>) {
  // expected-error @below {{heads of 4 columns meet a weight of 5}}
  %y = transformer.head_linear %x, %w transposed heads = 3 : tensor<?x12xf32>, tensor<15x5xf32>
  return
}

// -----

func.func @head_linear_c3(%x: tensor<?x12xf32>, %w: tensor<15x4xf32>, %b: tensor<12xf32>) {
  // expected-error @below {{bias has 12 values but rows of the result have 15}}
  %y = transformer.head_linear %x, %w bias %b heads = 3 : tensor<?x12xf32>, tensor<15x4xf32>, tensor<12xf32>
  return
}
