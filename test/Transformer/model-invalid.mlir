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

// -----

// expected-error @below {{'transformer.encoder' names the encoder of a function}}
func.func private @model_encoder(!transformer.rows)
    attributes {transformer.encoder = 2 : i64}

// -----

// expected-error @below {{has no encoder @nowhere}}
func.func private @model_encoder_missing(!transformer.rows)
    attributes {transformer.encoder = @nowhere}

// -----

func.func private @encoder(!transformer.rows, tensor<?xi32>) -> tensor<?x8xf32>
// expected-error @below {{takes '!transformer.rows', 'tensor<?xi32>', not its rows and input, if any, and then the rows and the result of its encoder}}
func.func private @model_encoder_unread(!transformer.rows, tensor<?xi32>)
    attributes {transformer.encoder = @encoder}

// -----

func.func private @encoder(!transformer.rows, tensor<?xi32>) -> tensor<?x8xf32>
// expected-error @below {{takes 'tensor<?x4xf32>' of its encoder, which returns 'tensor<?x8xf32>'}}
func.func private @model_encoder_width(!transformer.rows, tensor<?xi32>,
                                       !transformer.rows, tensor<?x4xf32>)
    attributes {transformer.encoder = @encoder}
