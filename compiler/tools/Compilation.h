// One run of transformer-compile: from the input to what was asked for.
#ifndef COMPILER_TOOLS_COMPILATION_H
#define COMPILER_TOOLS_COMPILATION_H

#include "compiler/Emit/Object.h"
#include "compiler/Spec/Spec.h"
#include "compiler/Verify/Run.h"
#include "compiler/Weights/Layout.h"
#include "compiler/tools/Options.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/SourceMgr.h"

#include <chrono>

namespace tool {

class Compilation {
public:
  explicit Compilation(const Options &options);
  ~Compilation();

  /// 0, or 1 after diagnostics.
  int run();

private:
  llvm::Error readInput();
  llvm::Error buildModule();
  llvm::Error runStage(pipeline::Stage stage);
  llvm::Error runStages(pipeline::Stage last);
  void describe();
  void describeSource();
  llvm::Error writeText(llvm::StringRef text);
  llvm::Error writeIr();
  llvm::Error writeCode();
  llvm::Error writeObjectOrProgram(llvm::StringRef object,
                                   llvm::LLVMContext &context);
  llvm::Error writeWeights();
  llvm::Expected<std::string> tokenizerBlob();
  llvm::Error verifyModel();
  llvm::Error measurePerplexity(const weights::TensorSource &source,
                                llvm::raw_ostream &os);
  llvm::Expected<std::vector<int32_t>> tokensOf(llvm::StringRef path);
  llvm::Expected<verify::Compiled>
  compile(mlir::OwningOpRef<mlir::ModuleOp> prefix);
  llvm::Error produce();
  void timeStage(llvm::StringRef name);

  Options options;
  llvm::SourceMgr sources;
  spec::Spec spec;
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  kernel::MachineAttr machine;
  emit::ModelDescription model;
  weights::Layout layout;
  std::chrono::steady_clock::time_point lap;
  struct Diagnostics;
  std::unique_ptr<Diagnostics> diagnostics;
};

} // namespace tool

#endif // COMPILER_TOOLS_COMPILATION_H
