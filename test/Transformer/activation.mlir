// RUN: transformer-opt %s | transformer-opt | FileCheck %s
// RUN: transformer-opt %s -canonicalize | FileCheck %s --check-prefix=CANON

// CHECK-LABEL: func @every_kind
func.func @every_kind(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK: transformer.activation relu2 %{{.+}} : tensor<?x8xf32>
  %a = transformer.activation relu2 %x : tensor<?x8xf32>
  // CHECK: transformer.activation relu %
  %b = transformer.activation relu %a : tensor<?x8xf32>
  // CHECK: transformer.activation gelu %
  %c = transformer.activation gelu %b : tensor<?x8xf32>
  // CHECK: transformer.activation gelu_tanh %
  %d = transformer.activation gelu_tanh %c : tensor<?x8xf32>
  // CHECK: transformer.activation silu %
  %e = transformer.activation silu %d : tensor<?x8xf32>
  // CHECK: transformer.activation tanh %
  %f = transformer.activation tanh %e : tensor<?x8xf32>
  // CHECK: transformer.activation quick_gelu %
  %g = transformer.activation quick_gelu %f : tensor<?x8xf32>
  // CHECK: transformer.activation sigmoid %
  %h = transformer.activation sigmoid %g : tensor<?x8xf32>
  // CHECK: transformer.activation log_sigmoid %
  %i = transformer.activation log_sigmoid %h : tensor<?x8xf32>
  return %i : tensor<?x8xf32>
}

// What is not negative stays as it is.

// CANON-LABEL: func @relu_of_relu
// CANON-SAME:    %[[X:.+]]: tensor
func.func @relu_of_relu(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CANON-NEXT: %[[Y:.+]] = transformer.activation relu %[[X]]
  // CANON-NEXT: return %[[Y]]
  %y = transformer.activation relu %x : tensor<?x8xf32>
  %z = transformer.activation relu %y : tensor<?x8xf32>
  return %z : tensor<?x8xf32>
}

// CANON-LABEL: func @keeps_relu2_of_relu2
func.func @keeps_relu2_of_relu2(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CANON-COUNT-2: transformer.activation relu2
  %y = transformer.activation relu2 %x : tensor<?x8xf32>
  %z = transformer.activation relu2 %y : tensor<?x8xf32>
  return %z : tensor<?x8xf32>
}
