// Foreign tensors for our weights: "h.{i}.attn.c_attn.weight[:, 0:768].T".
#ifndef COMPILER_SPEC_WEIGHTNAMES_H
#define COMPILER_SPEC_WEIGHTNAMES_H

#include "compiler/Spec/Spec.h"
#include "compiler/Spec/Values.h"

namespace spec {

/// Reads one; on failure `fault` says why and the result is false.
bool readWeightSource(llvm::StringRef text, WeightSource &source,
                      std::string &fault);
std::string writeWeightSource(const WeightSource &source);

/// Reads the `weights` of a spec.
void readWeightFiles(const Node &node, WeightFiles &weights,
                     Diagnostics &diagnostics);

} // namespace spec

#endif // COMPILER_SPEC_WEIGHTNAMES_H
