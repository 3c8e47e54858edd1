// RUN: transformer-opt %s -split-input-file -verify-diagnostics

// expected-error @below {{'transformer.context' is 0 : i64, not a positive i64}}
func.func private @model_context(!transformer.rows)
    attributes {transformer.context = 0 : i64}

// -----

// expected-error @below {{'transformer.vocab' is 64 : i32, not a positive i64}}
func.func private @model_vocab(!transformer.rows)
    attributes {transformer.vocab = 64 : i32}

// -----

// expected-error @below {{'transformer.causal' takes no value}}
func.func private @model_causal(!transformer.rows)
    attributes {transformer.causal = true}

// -----

// expected-error @below {{'transformer.depth' is no attribute of models}}
func.func private @model_depth(!transformer.rows)
    attributes {transformer.depth = 2 : i64}
