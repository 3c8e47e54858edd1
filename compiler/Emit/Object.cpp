// LLVM's part of the way: translation, optimisation, code generation.
#include "compiler/Emit/Object.h"

#include "compiler/Emit/Description.h"
#include "compiler/Target/Target.h"

#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Target/TargetOptions.h"

#include <fmt/format.h>

using namespace llvm;

static std::unique_ptr<TargetMachine>
makeTargetMachine(kernel::MachineAttr machine) {
  static const bool initialised = [] {
    InitializeAllTargetInfos();
    InitializeAllTargets();
    InitializeAllTargetMCs();
    InitializeAllAsmPrinters();
    return true;
  }();
  (void)initialised;
  Triple triple(machine.getTriple());
  std::string error;
  const Target *target = TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return nullptr;
  TargetOptions options;
  // x * y + z is one operation only where the kernels say fma.
  options.AllowFPOpFusion = FPOpFusion::Strict;
  return std::unique_ptr<TargetMachine>(target->createTargetMachine(
      triple, target::instructionSet(machine), machine.getFeatures(), options,
      Reloc::PIC_, std::nullopt, CodeGenOptLevel::Aggressive));
}

static void setAttributes(Module &module, kernel::MachineAttr machine) {
  std::string width = std::to_string(machine.getLanes() * 32);
  for (Function &function : module) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", target::instructionSet(machine));
    function.addFnAttr("tune-cpu", machine.getCpu());
    if (!machine.getFeatures().empty())
      function.addFnAttr("target-features", machine.getFeatures());
    function.addFnAttr("prefer-vector-width", width);
    function.addFnAttr("min-legal-vector-width", width);
    // An object calls no library: a loop of stores stays one.
    function.addFnAttr("no-builtins");
    function.addFnAttr(Attribute::NoUnwind);
  }
}

// Kernels come as they should be: vectors, cleaned up and apart. What is left
// is address arithmetic and what loops need not repeat; LLVM's default
// pipelines take four times as long for the same loops.
static constexpr StringLiteral passPipeline =
    "function(early-cse<memssa>,simplifycfg,instcombine<no-verify-fixpoint>,"
    "loop-mssa(loop-rotate,licm),simplifycfg),globaldce";

static void optimise(Module &module, TargetMachine &machine) {
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager graphs;
  ModuleAnalysisManager modules;
  PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(graphs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, graphs, modules);
  ModulePassManager passes;
  cantFail(builder.parsePassPipeline(passes, passPipeline));
  passes.run(module, modules);
}

Expected<std::unique_ptr<Module>> emit::translate(mlir::ModuleOp module,
                                                  kernel::MachineAttr machine,
                                                  const ModelDescription &model,
                                                  LLVMContext &context) {
  mlir::registerBuiltinDialectTranslation(*module.getContext());
  mlir::registerLLVMDialectTranslation(*module.getContext());
  std::unique_ptr<Module> result =
      mlir::translateModuleToLLVMIR(module, context, model.name);
  if (!result)
    return createStringError("the module cannot be written as LLVM IR");
  std::unique_ptr<TargetMachine> target = makeTargetMachine(machine);
  if (!target)
    return createStringError(
        fmt::format("LLVM has no target '{}'", machine.getTriple().str()));
  result->setTargetTriple(Triple(machine.getTriple()));
  result->setDataLayout(target->createDataLayout());
  addDescription(*result, model);
  setAttributes(*result, machine);
  optimise(*result, *target);
  return result;
}

std::unique_ptr<Module> emit::makeMain(kernel::MachineAttr machine,
                                       StringRef model, LLVMContext &context) {
  auto module = std::make_unique<Module>("main", context);
  module->setTargetTriple(Triple(machine.getTriple()));
  Type *integer = Type::getInt32Ty(context);
  Type *pointer = PointerType::get(context, 0);
  auto *description =
      new GlobalVariable(*module, pointer, true, GlobalValue::ExternalLinkage,
                         nullptr, (model + "_model").str());
  FunctionCallee run = module->getOrInsertFunction(
      "tc_program_main",
      FunctionType::get(integer, {pointer, integer, pointer}, false));
  auto *main =
      Function::Create(FunctionType::get(integer, {integer, pointer}, false),
                       GlobalValue::ExternalLinkage, "main", *module);
  IRBuilder<> b(BasicBlock::Create(context, "", main));
  b.CreateRet(
      b.CreateCall(run, {description, main->getArg(0), main->getArg(1)}));
  return module;
}

Expected<std::string>
emit::generate(Module &module, kernel::MachineAttr machine, FileKind kind) {
  std::unique_ptr<TargetMachine> target = makeTargetMachine(machine);
  if (!target)
    return createStringError(
        fmt::format("LLVM has no target '{}'", machine.getTriple().str()));
  module.setDataLayout(target->createDataLayout());
  SmallString<0> bytes;
  raw_svector_ostream stream(bytes);
  legacy::PassManager passes;
  CodeGenFileType type = kind == FileKind::Object
                             ? CodeGenFileType::ObjectFile
                             : CodeGenFileType::AssemblyFile;
  if (target->addPassesToEmitFile(passes, stream, nullptr, type))
    return createStringError(fmt::format("LLVM writes no objects for '{}'",
                                         machine.getTriple().str()));
  passes.run(module);
  return bytes.str().str();
}
