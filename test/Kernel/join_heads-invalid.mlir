// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @join_heads_c1(%step: !kernel.step, %own: memref<512x6xf32>, %shared: memref<512x2xf32>,
    %to: memref<512x14xf32>) {
  // expected-error @below {{4 heads cannot share 6 columns evenly}}
  kernel.join_heads 4 of %step(%own, %shared : memref<512x6xf32>, memref<512x2xf32>)
      into (%to : memref<512x14xf32>)
  return
}

// -----

func.func @join_heads_c2(%step: !kernel.step, %own: memref<512x6xf32>, %shared: memref<512x2xf32>,
    %to: memref<512x8xf32>) {
  // expected-error @below {{destination rows have 8 values, expected 10}}
  kernel.join_heads 2 of %step(%own, %shared : memref<512x6xf32>, memref<512x2xf32>)
      into (%to : memref<512x8xf32>)
  return
}

// -----

func.func @join_heads_c1_from(%step: !kernel.step, %own: memref<512x6xf32>, %others: memref<512x6xf32>,
    %to: memref<512x8xf32>) {
  // expected-error @below {{2 heads of 6 columns have none from 3 on}}
  kernel.join_heads 2 of %step(%own, %others : memref<512x6xf32>, memref<512x6xf32>)
      into (%to : memref<512x8xf32>) attributes {from = 3 : i64}
  return
}
