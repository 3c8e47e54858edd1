// The pass `convert-kernel-to-llvm`: loops and what is left of `kernel`.
#ifndef COMPILER_PIPELINE_CONVERTTOLLVM_H
#define COMPILER_PIPELINE_CONVERTTOLLVM_H

#include "mlir/Pass/Pass.h"

namespace pipeline {

std::unique_ptr<mlir::Pass> createConvertToLLVM();

} // namespace pipeline

#endif // COMPILER_PIPELINE_CONVERTTOLLVM_H
