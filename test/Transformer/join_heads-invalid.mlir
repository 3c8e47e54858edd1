// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @join_heads_c1(%own: tensor<?x21xf32>, %shared: tensor<?x2xf32>) {
  // expected-error @below {{2 heads cannot share 21 columns evenly}}
  %k = transformer.join_heads %own, %shared heads = 2 : tensor<?x21xf32>, tensor<?x2xf32>
  return
}

// -----

func.func @join_heads_c1_none(%own: tensor<?x21xf32>, %shared: tensor<?x2xf32>) {
  // expected-error @below {{0 heads cannot share 21 columns evenly}}
  %k = transformer.join_heads %own, %shared heads = 0 : tensor<?x21xf32>, tensor<?x2xf32>
  return
}

// -----

func.func @join_heads_c2(%own: tensor<?x21xf32>, %others: tensor<?x12xf32>) {
  // expected-error @below {{3 heads of 12 columns have none from 4 on}}
  %k = transformer.join_heads %own, %others from = 4 heads = 3 : tensor<?x21xf32>, tensor<?x12xf32>
  return
}

// -----

func.func @join_heads_c2_uneven(%own: tensor<?x21xf32>, %others: tensor<?x17xf32>) {
  // expected-error @below {{3 heads of 17 columns have none from 4 on}}
  %k = transformer.join_heads %own, %others from = 4 heads = 3 : tensor<?x21xf32>, tensor<?x17xf32>
  return
}
