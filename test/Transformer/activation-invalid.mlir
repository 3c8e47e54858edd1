// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @activation_kind(%x: tensor<?x8xf32>) {
  // expected-error @below {{expected ::transformer::Activation to be one of: relu, gelu, gelu_tanh, silu, relu2, tanh, elu_plus_one, exp, quick_gelu, sigmoid}}
  // expected-error @below {{failed to parse Transformer_ActivationAttr parameter 'value'}}
  %y = transformer.activation swish %x : tensor<?x8xf32>
  return
}
