// --verify: prefixes of the model take the same way to objects as the model.
#include "compiler/tools/Compilation.h"

#include "compiler/Verify/Verify.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

#include <fmt/format.h>

using namespace llvm;
using namespace tool;

Expected<verify::Compiled>
Compilation::compile(mlir::OwningOpRef<mlir::ModuleOp> prefix) {
  std::swap(module, prefix);
  Error error = runStages(pipeline::Stage::LowerToLLVM);
  std::swap(module, prefix);
  if (error)
    return error;
  LLVMContext llvmContext;
  auto code = emit::translate(*prefix, machine, model, llvmContext);
  if (!code)
    return code.takeError();
  timeStage("optimise");
  auto object = emit::generate(**code, machine, emit::FileKind::Object);
  if (!object)
    return object.takeError();
  timeStage("generate code");
  return verify::Compiled{std::move(*object), model, layout};
}

/// Whether code for the target can run in this process, but for its CPU, which
/// the runtime checks.
static Error checkMachine(StringRef target) {
  Triple wanted(target), here(sys::getProcessTriple());
  if (wanted.getArch() == here.getArch() && wanted.getOS() == here.getOS())
    return Error::success();
  return createStringError(
      fmt::format("--verify runs the model here, on {}, but the target is {}",
                  here.str(), target.str()));
}

Error Compilation::verifyModel() {
  if (Error error = checkMachine(machine.getTriple()))
    return error;
  auto source =
      weights::openWeights(spec, options.seed, [](const std::string &) {});
  if (!source)
    return source.takeError();
  auto exact = [&](StringRef name, int64_t rows, int64_t columns) {
    return (*source)->getAll(name, rows, columns);
  };
  auto report = verify::verify(
      *module->getOps<mlir::func::FuncOp>().begin(),
      [&](auto prefix) { return compile(std::move(prefix)); }, **source, exact);
  if (!report)
    return report.takeError();
  timeStage("verify");
  verify::print(*report,
                options.output == "-" && !options.verifyOnly ? errs() : outs());
  if (report->passes())
    return Error::success();
  return createStringError(fmt::format(
      "the compiled '{}' differs from its float64 evaluation by more than "
      "rounding",
      spec.model));
}
