// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @route_c1_none(%scores: tensor<?x8xf32>) {
  // expected-error @below {{chooses 0 of 8 experts}}
  %g = transformer.route softmax %scores top_k = 0 : tensor<?x8xf32>
  return
}

// -----

func.func @route_c1_many(%scores: tensor<?x8xf32>) {
  // expected-error @below {{chooses 9 of 8 experts}}
  %g = transformer.route softmax %scores top_k = 9 : tensor<?x8xf32>
  return
}

// -----

func.func @route_c2(%scores: tensor<?x8xf32>) {
  // expected-error @below {{scale is 0.000000e+00, not a finite number other than 0}}
  %g = transformer.route softmax %scores top_k = 1 scale = 0.0 : tensor<?x8xf32>
  return
}

// -----

func.func @route_c1_groups(%scores: tensor<?x8xf32>) {
  // expected-error @below {{chooses 5 of 4 experts}}
  %g = transformer.route softmax %scores top_k = 5 groups = 4 top_groups = 2 : tensor<?x8xf32>
  return
}

// -----

func.func @route_c3(%scores: tensor<?x8xf32>) {
  // expected-error @below {{8 experts have no even 3 groups}}
  %g = transformer.route softmax %scores top_k = 1 groups = 3 : tensor<?x8xf32>
  return
}

// -----

func.func @route_c4(%scores: tensor<?x8xf32>) {
  // expected-error @below {{chooses 3 of 2 groups}}
  %g = transformer.route softmax %scores top_k = 1 groups = 2 top_groups = 3 : tensor<?x8xf32>
  return
}

// -----

func.func @route_c5(%scores: tensor<?x8xf32>) {
  // expected-error @below {{has no two best in groups of 1}}
  %g = transformer.route softmax %scores top_k = 1 groups = 8 top_groups = 3 two_best : tensor<?x8xf32>
  return
}

// -----

func.func @route_c6(%scores: tensor<?x8xf32>, %c: tensor<7xf32>) {
  // expected-error @below {{correction has 7 values for 8 experts}}
  %g = transformer.route softmax %scores corrected by %c top_k = 1 : tensor<?x8xf32>, tensor<7xf32>
  return
}
