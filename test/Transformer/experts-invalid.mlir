// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @experts_c1_arguments(%x: tensor<?x8xf32>, %gates: tensor<?x2xf32>) {
  // expected-error @below {{body takes ('tensor<?x7xf32>', 'index'), expected 'tensor<?x8xf32>' and an index}}
  %y = transformer.experts %x, %gates {
  ^bb0(%rows: tensor<?x7xf32>, %e: index):
    transformer.yield %rows : tensor<?x7xf32>
  } : tensor<?x8xf32>, tensor<?x2xf32>
  return
}

// -----

func.func @experts_c1_yield(%x: tensor<?x8xf32>, %gates: tensor<?x2xf32>, %w: tensor<7x8xf32>) {
  // expected-error @below {{body must yield 'tensor<?x8xf32>'}}
  %y = transformer.experts %x, %gates {
  ^bb0(%rows: tensor<?x8xf32>, %e: index):
    %z = transformer.linear %rows, %w : tensor<?x8xf32>, tensor<7x8xf32>
    transformer.yield %z : tensor<?x7xf32>
  } : tensor<?x8xf32>, tensor<?x2xf32>
  return
}

// -----

func.func @experts_c2(%x: tensor<?x8xf32>, %gates: tensor<?x2xf32>) {
  // expected-error @below {{body reads rows from outside}}
  %y = transformer.experts %x, %gates {
  ^bb0(%rows: tensor<?x8xf32>, %e: index):
    %z = arith.addf %rows, %x : tensor<?x8xf32>
    transformer.yield %z : tensor<?x8xf32>
  } : tensor<?x8xf32>, tensor<?x2xf32>
  return
}

// -----

func.func @experts_c3(%x: tensor<?x8xf32>, %gates: tensor<?x2xf32>, %all: !transformer.rows) {
  // expected-error @below {{body holds 'transformer.pool', which does not work row by row}}
  %y = transformer.experts %x, %gates {
  ^bb0(%rows: tensor<?x8xf32>, %e: index):
    %z = transformer.pool first %rows, %all : tensor<?x8xf32>
    transformer.yield %z : tensor<?x8xf32>
  } : tensor<?x8xf32>, tensor<?x2xf32>
  return
}
