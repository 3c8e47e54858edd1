// --verify: prefixes of the model take the same way to objects as the model.
#include "compiler/tools/Compilation.h"

#include "compiler/Passes/Passes.h"
#include "compiler/Verify/Stored.h"
#include "compiler/Verify/Verify.h"
#include "dialects/Transformer/Transformer.h"
#include "runtime/text/text.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

#include <fmt/format.h>

using namespace llvm;
using namespace tool;

Expected<verify::Compiled>
Compilation::compile(mlir::OwningOpRef<mlir::ModuleOp> prefix) {
  // It may lack kernels that the file of --schedule names.
  (*prefix)->removeAttr(passes::schedulesAttrName);
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

/// The ids of a text, as a made program's tokenizer finds them.
Expected<std::vector<int32_t>> Compilation::tokensOf(StringRef path) {
  auto blob = tokenizerBlob();
  if (!blob)
    return blob.takeError();
  if (blob->empty())
    return createStringError(
        "--text needs a tokenizer, which --tokenizer=FILE names");
  auto text = MemoryBuffer::getFile(path);
  if (!text)
    return createStringError(
        fmt::format("{}: {}", path.str(), text.getError().message()));
  // A copy that is aligned as the tokenizer wants it.
  std::vector<uint32_t> aligned((blob->size() + 3) / 4);
  std::memcpy(aligned.data(), blob->data(), blob->size());
  tc_tokenizer *tokenizer = nullptr;
  if (int status = tc_tokenizer_open(aligned.data(), blob->size(), &tokenizer))
    return createStringError(
        fmt::format("tokenizer: {}", tc_text_error(status)));
  auto encode = [&](int32_t *ids, size_t count) {
    return tc_encode(tokenizer, (*text)->getBufferStart(),
                     (*text)->getBufferSize(), /*with_bos=*/1, ids, count);
  };
  ptrdiff_t count = encode(nullptr, 0);
  std::vector<int32_t> tokens(size_t(std::max<ptrdiff_t>(count, 0)));
  if (count >= 0)
    encode(tokens.data(), tokens.size());
  tc_tokenizer_close(tokenizer);
  if (count < 0)
    return createStringError(
        fmt::format("{}: {}", path.str(), tc_text_error(int(-count))));
  if (count < 2)
    return createStringError(fmt::format(
        "{}: a text of {} tokens predicts nothing", path.str(), count));
  return tokens;
}

/// The same model twice, as it is and with its matrices and cache in f32.
Error Compilation::measurePerplexity(const weights::TensorSource &source,
                                     raw_ostream &os) {
  if (!spec.causal || spec.translates() || spec.outputDim != spec.vocab)
    return createStringError(fmt::format(
        "--text: '{}' does not predict the next token", spec.model));
  auto tokens = tokensOf(options.text);
  if (!tokens)
    return tokens.takeError();
  auto measure = [&](mlir::ModuleOp of) -> Expected<verify::Prediction> {
    auto compiled = compile(mlir::OwningOpRef<mlir::ModuleOp>(of));
    if (!compiled)
      return compiled.takeError();
    return verify::predict(*compiled, source, *tokens);
  };
  auto made = measure(module->clone());
  if (!made)
    return made.takeError();
  os << fmt::format("perplexity: {:.4f}", made->perplexity);
  if (verify::hasFormats(
          module->lookupSymbol<mlir::func::FuncOp>(spec.model)) ||
      (*module)->hasAttr(kernel::cacheAttrName)) {
    mlir::ModuleOp f32 = module->clone();
    f32->removeAttr(kernel::cacheAttrName);
    f32.walk([](transformer::WeightOp op) { op.removeFormatAttr(); });
    auto exact = measure(f32);
    if (!exact)
      return exact.takeError();
    os << fmt::format(", {:.4f} in f32 ({:+.2f} %)", exact->perplexity,
                      100 * (made->perplexity / exact->perplexity - 1));
  }
  os << fmt::format(", {} tokens predicted\n", made->tokens);
  timeStage("perplexity");
  return Error::success();
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
      module->lookupSymbol<mlir::func::FuncOp>(spec.model),
      [&](auto prefix) { return compile(std::move(prefix)); }, **source, exact);
  if (!report)
    return report.takeError();
  timeStage("verify");
  raw_ostream &os =
      options.output == "-" && !options.verifyOnly ? errs() : outs();
  verify::print(*report, os);
  if (!options.text.empty())
    if (Error error = measurePerplexity(**source, os))
      return error;
  if (report->passes())
    return Error::success();
  return createStringError(fmt::format(
      "the compiled '{}' differs from its float64 evaluation by more than "
      "rounding",
      spec.model));
}
