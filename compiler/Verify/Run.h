// Runs a compiled model inside this process, on weights packed for it.
#ifndef COMPILER_VERIFY_RUN_H
#define COMPILER_VERIFY_RUN_H

#include "compiler/Emit/Object.h"
#include "compiler/Reference/Evaluate.h"
#include "compiler/Weights/Layout.h"
#include "compiler/Weights/TensorSource.h"

namespace verify {

/// What compiling a model makes.
struct Compiled {
  std::string object; ///< the bytes of the file
  emit::ModelDescription model;
  weights::Layout layout;
};

/// Of the engine's own (runtime/program/predict.h).
struct Prediction {
  size_t tokens = 0;
  double perplexity = 0;
};

/// How well a language model predicts tokens, by the arithmetic of made
/// programs' `perplexity`.
llvm::Expected<Prediction> predict(const Compiled &compiled,
                                   const weights::TensorSource &source,
                                   llvm::ArrayRef<int32_t> tokens);

/// The output rows, one after the other. `rows` says how many there should be.
/// Sequences of models with sessions go in several steps, the last ones of
/// single tokens, so that the code for both is run.
llvm::Expected<std::vector<float>> run(const Compiled &compiled,
                                       const weights::TensorSource &source,
                                       const reference::Input &input,
                                       int64_t rows);

} // namespace verify

#endif // COMPILER_VERIFY_RUN_H
