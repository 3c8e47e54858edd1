// From the LLVM dialect to an object file: the step function and the constant
// description of the model that the runtime reads.
#ifndef COMPILER_EMIT_OBJECT_H
#define COMPILER_EMIT_OBJECT_H

#include "compiler/Emit/Part.h"
#include "compiler/Emit/Tap.h"
#include "compiler/Passes/KernelFacts.h"
#include "runtime/abi.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <string>
#include <vector>

namespace emit {

/// Of an encoder-decoder.
struct SourceDescription {
  uint32_t vocab = 0, context = 0, maxRows = 0, dim = 0;
  tc_input input = TC_INPUT_TOKENS;
  std::vector<int64_t> shape;   ///< of one real-valued source or row
  int32_t start = -1, end = -1; ///< tokens of the decoder
};

/// The values of a tc_model (runtime/abi.h), in its order.
struct ModelDescription {
  std::string name;   ///< C identifier, prefix of what the object exports
  std::string target; ///< triple and CPU, for messages
  uint32_t features = 0;
  uint64_t layoutHash = 0, weightsBytes = 0, cacheBytes = 0, scratchBytes = 0;
  tc_input input = TC_INPUT_TOKENS;
  tc_causality causal = TC_WHOLE;
  bool pooled = false;
  uint32_t vocab = 0, context = 0, maxRows = 0, maxOutputs = 0, tileRows = 0;
  uint32_t outputDim = 0;
  std::vector<int64_t> inputShape; ///< of one real-valued input or row
  uint32_t rowsPerInput = 0;
  uint32_t rowsMade = 0;           ///< of an input; 0: as many
  uint32_t maxSequences = 0;       ///< of a step; 0: as many as rows
  std::vector<tc_windows> windows; ///< that change the number of rows
  uint64_t parameters = 0;
  std::vector<passes::KernelFacts> kernels; ///< of a profile; empty: none
  std::string weightsFormats, computeFormat, cacheFormat;
  SourceDescription source;
  std::vector<Tap> taps;   ///< the encoder's last
  uint32_t sourceTaps = 0; ///< of an encoder-decoder's encoder
  bool recurrent = false;  ///< a cache holds sums over rows
  uint32_t queries = 0;    ///< rows of the decoder's own; 0: it has an input
  std::vector<Part> parts;
  uint32_t types = 0, typedRows = 0; ///< of rows; of an image, that have them
};

enum class FileKind { Object, Assembly };

/// LLVM IR of a module of the LLVM dialect, for the machine that the module
/// names, with `<name>_model` as the only symbol that it exports. Optimised.
llvm::Expected<std::unique_ptr<llvm::Module>>
translate(mlir::ModuleOp module, kernel::MachineAttr machine,
          const ModelDescription &model, llvm::LLVMContext &context);

/// A module whose main calls tc_program_main on the model.
std::unique_ptr<llvm::Module> makeMain(kernel::MachineAttr machine,
                                       llvm::StringRef model,
                                       llvm::LLVMContext &context);

/// Code for `module` as the bytes of a file.
llvm::Expected<std::string>
generate(llvm::Module &module, kernel::MachineAttr machine, FileKind kind);

} // namespace emit

#endif // COMPILER_EMIT_OBJECT_H
