// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @pool_kind(%x: tensor<?x8xf32>, %rows: !transformer.rows) {
  // expected-error @below {{expected ::transformer::PoolKind to be one of: first, mean, last}}
  // expected-error @below {{failed to parse Transformer_PoolKindAttr parameter 'value'}}
  %y = transformer.pool max %x, %rows : tensor<?x8xf32>
  return
}
