// The stages of a run, each timed; outputs are written once all code is made.
#include "compiler/tools/Compilation.h"

#include "compiler/Emit/Files.h"
#include "compiler/Emit/Header.h"
#include "compiler/Import/Importer.h"
#include "compiler/Kernels/EmitLoops.h"
#include "compiler/Layers/BuildModel.h"
#include "compiler/Passes/Passes.h"
#include "compiler/Spec/Parser.h"
#include "compiler/Target/Target.h"
#include "compiler/Text/Convert.h"
#include "compiler/Weights/TensorSource.h"
#include "compiler/Weights/WeightsFile.h"
#include "compiler/tools/Progress.h"
#include "compiler/tools/Schedules.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <fmt/format.h>

#include <map>

using namespace llvm;
using namespace tool;
using pipeline::Stage;

/// Diagnostics of MLIR with the lines of the spec that they are about.
struct Compilation::Diagnostics {
  mlir::SourceMgrDiagnosticHandler handler;
  Diagnostics(SourceMgr &sources, mlir::MLIRContext *context)
      : handler(sources, context) {}
};

/// An error whose text has been printed where it arose.
static Error reported() { return createStringError(""); }

Compilation::Compilation(const Options &options)
    : options(options), context(
                            [] {
                              mlir::DialectRegistry registry;
                              pipeline::registerDialects(registry);
                              return registry;
                            }(),
                            mlir::MLIRContext::Threading::DISABLED) {
  context.loadAllAvailableDialects();
  context.printOpOnDiagnostic(false);
  lap = std::chrono::steady_clock::now();
}

Compilation::~Compilation() = default;

void Compilation::timeStage(StringRef name) {
  auto now = std::chrono::steady_clock::now();
  if (options.verbose)
    errs() << fmt::format("{:>9.3f} s  {}\n",
                          std::chrono::duration<double>(now - lap).count(),
                          name.str());
  lap = now;
}

/// Whether positions come from a table of weights, which has its own length.
static bool hasLearnedPositions(const spec::Layers &layers) {
  bool found = false;
  weights::forEachLeaf(layers, [&](const spec::Layer &layer) {
    if (auto *position = std::get_if<spec::Position>(&layer.body))
      found |= position->kind == spec::PositionKind::Learned;
    if (auto *attention = std::get_if<spec::Attention>(&layer.body))
      found |= attention->added.has_value();
    if (auto *attention = std::get_if<spec::CrossAttention>(&layer.body))
      found |= attention->added.has_value();
  });
  return found;
}

Error Compilation::readInput() {
  if (importer::isImportable(options.input)) {
    auto imported = importer::importModel(options.input, options.tower);
    if (!imported)
      return imported.takeError();
    spec = std::move(*imported);
  } else if (!options.tower.empty()) {
    return createStringError(
        fmt::format("{}: a spec has one tower, --tower={} is for models of two",
                    options.input, options.tower));
  } else {
    auto buffer = MemoryBuffer::getFile(options.input, /*IsText=*/true);
    if (!buffer)
      return createStringError(
          fmt::format("{}: {}", options.input, buffer.getError().message()));
    sources.AddNewSourceBuffer(std::move(*buffer), SMLoc());
    auto parsed = spec::parseSpec(sources);
    if (!parsed)
      return reported();
    spec = std::move(*parsed);
  }
  if (options.dtype)
    spec.dtype = *options.dtype;
  if (options.context && spec.input == spec::InputKind::Queries)
    return createStringError(
        fmt::format("--context is {}, but {} has {} rows of queries",
                    options.context, spec.model, spec.context));
  if (options.context > spec.context && hasLearnedPositions(spec.layers))
    return createStringError(
        fmt::format("--context is {}, but {} has learned positions for {} rows",
                    options.context, spec.model, spec.context));
  if (options.context && !hasLearnedPositions(spec.layers))
    spec.context = options.context;
  return Error::success();
}

Error Compilation::buildModule() {
  auto target = target::describe(context, options.triple, options.cpu);
  if (!target)
    return target.takeError();
  machine = *target;
  if (options.pairs && !machine.getBf16())
    return createStringError(fmt::format(
        "--compute=bf16 needs a cpu with AVX512-BF16, which '{}' has not",
        machine.getCpu().str()));
  diagnostics = std::make_unique<Diagnostics>(sources, &context);
  module = layers::buildModel(context, spec);
  if (!module)
    return reported();
  (*module)->setAttr(kernel::targetAttrName, machine);
  if (options.pairs)
    (*module)->setAttr(kernel::computeAttrName,
                       kernel::FormatAttr::get(&context, kernel::Format::Bf16));
  if (options.cache != spec::Dtype::F32)
    (*module)->setAttr(
        kernel::cacheAttrName,
        kernel::FormatAttr::get(&context, options.cache == spec::Dtype::Bf16
                                              ? kernel::Format::Bf16
                                              : kernel::Format::Int8));
  if (!options.schedule.empty()) {
    auto schedules = readSchedules(context, options.schedule);
    if (!schedules)
      return schedules.takeError();
    (*module)->setAttr(passes::schedulesAttrName, *schedules);
  }
  if (options.profile)
    (*module)->setAttr(passes::profileAttrName, mlir::UnitAttr::get(&context));
  if (options.context)
    module->lookupSymbol<mlir::func::FuncOp>(spec.model)
        ->setAttr("transformer.context",
                  mlir::Builder(&context).getI64IntegerAttr(options.context));
  return Error::success();
}

Error Compilation::runStage(Stage stage) {
  mlir::PassManager pm(&context);
  pm.enableVerifier(false);
  pipeline::buildStage(pm, stage);
  if (failed(pm.run(*module)))
    return reported();
  timeStage(pipeline::nameOf(stage));
  return Error::success();
}

/// A line for each kernel, in the order in which they run.
static void printReport(mlir::ModuleOp module) {
  errs() << fmt::format("{:<44} {:<10} {:<28} {:<12} {:>12} {:>14}\n", "kernel",
                        "kind", "shape", "schedule", "flops/row",
                        "weight bytes");
  for (const passes::KernelFacts &facts : passes::factsOf(module))
    errs() << fmt::format("{:<44} {:<10} {:<28} {:<12} {:>12} {:>14}\n",
                          facts.name, facts.kind, facts.shape, facts.schedule,
                          facts.rowFlops, facts.weightBytes);
}

Error Compilation::runStages(Stage last) {
  for (int stage = 0; stage <= static_cast<int>(last); ++stage) {
    if (stage == static_cast<int>(Stage::LowerToLLVM))
      describe();
    if (Error error = runStage(static_cast<Stage>(stage)))
      return error;
    if (options.report && stage == static_cast<int>(Stage::ChooseKernels))
      printReport(*module);
    if (options.profile && stage == static_cast<int>(Stage::AssignMemory))
      model.kernels = passes::factsOf(*module);
  }
  return Error::success();
}

/// The formats of matrices, those of most bytes first.
static std::string formatsOf(const weights::Layout &layout) {
  std::map<weights::Format, int64_t> bytes;
  for (const weights::PackedWeight &weight : layout.weights)
    if (weight.parts.front().cols > 1)
      bytes[weight.format] += weight.bytes;
  std::vector<std::pair<int64_t, StringRef>> sorted;
  for (auto [format, size] : bytes)
    sorted.push_back({-size, weights::formatName(format)});
  llvm::sort(sorted);
  return join(llvm::make_second_range(sorted), ", ");
}

/// The format that an attribute of the module asks for.
static std::string formatOf(mlir::ModuleOp module, StringRef attribute) {
  auto format = module->getAttrOfType<kernel::FormatAttr>(attribute);
  return kernel::stringifyFormat(format ? format.getValue()
                                        : kernel::Format::F32)
      .str();
}

/// What a function reads; true if it reads anything.
static bool describeInput(mlir::func::FuncOp step, tc_input &input,
                          std::vector<int64_t> &shape) {
  input = TC_INPUT_TOKENS;
  shape.clear();
  auto sizes = step->getAttrOfType<mlir::DenseI64ArrayAttr>("kernel.input");
  if (!sizes)
    return true;
  shape.assign(sizes.asArrayRef().begin(), sizes.asArrayRef().end());
  input = shape.size() == 1 ? TC_INPUT_ROWS : TC_INPUT_REALS;
  return !shape.empty();
}

/// How many rows come out, where they are not as many as go in.
static void describeRows(mlir::func::FuncOp step,
                         emit::ModelDescription &model) {
  if (auto most = step->getAttrOfType<mlir::IntegerAttr>("kernel.max_outputs"))
    model.maxOutputs =
        std::max<uint32_t>(model.maxOutputs, uint32_t(most.getInt()));
  if (auto made = step->getAttrOfType<mlir::IntegerAttr>("kernel.rows_made"))
    model.rowsMade = made.getInt();
  if (auto most =
          step->getAttrOfType<mlir::IntegerAttr>("kernel.max_sequences"))
    model.maxSequences = most.getInt();
  auto sizes = step->getAttrOfType<mlir::DenseI64ArrayAttr>("kernel.windows");
  for (size_t i = 0; sizes && i < size_t(sizes.size()); i += 3)
    model.windows.push_back(
        {uint32_t(sizes[i]), uint32_t(sizes[i + 1]), uint32_t(sizes[i + 2])});
}

/// What the step hands out beside its output.
static void addTaps(mlir::func::FuncOp step, emit::ModelDescription &model) {
  for (auto tap : step->getAttrOfType<mlir::ArrayAttr>("kernel.taps")
                      .getAsRange<kernel::TapAttr>())
    model.taps.push_back({tap.getName().str(), uint32_t(tap.getRounds()),
                          uint32_t(tap.getHeads()), uint32_t(tap.getColumns()),
                          uint32_t(tap.getMade())});
}

/// What the object tells of itself, while the step function's attributes are
/// there to read.
void Compilation::describe() {
  layout = passes::layoutOf(*module);
  auto step = module->lookupSymbol<mlir::func::FuncOp>(spec.model + "_step");
  auto number = [&](StringRef name) {
    return step->getAttrOfType<mlir::IntegerAttr>(name).getInt();
  };
  auto outputs = step->getAttrOfType<kernel::CountAttr>("kernel.outputs");
  model.name = spec.model;
  model.target = (machine.getTriple() + " " + machine.getCpu()).str();
  model.features = target::requiredFeatures(machine);
  model.layoutHash = layout.hash();
  model.weightsBytes = layout.bytes;
  model.cacheBytes = number("kernel.cache_bytes");
  model.scratchBytes = number(passes::scratchBytesAttrName);
  model.causal = !step->hasAttr("kernel.causal") ? TC_WHOLE
                 : spec.prefix                   ? TC_PREFIX
                                                 : TC_CAUSAL;
  model.pooled = outputs.getValue() == kernel::Count::Sequences;
  model.vocab = step->hasAttr("kernel.vocab") ? number("kernel.vocab") : 0;
  model.context = number("kernel.context");
  model.maxRows = model.maxOutputs = number("kernel.rows");
  model.tileRows = kernels::registerTiles * machine.getAttention()[0];
  model.outputDim = number("kernel.output_dim");
  bool reads = describeInput(step, model.input, model.inputShape);
  model.rowsPerInput = model.input == TC_INPUT_REALS ? model.context : 0;
  model.queries = reads ? 0 : model.context;
  model.parts.clear();
  for (const spec::OutputPart &part : spec.parts)
    model.parts.push_back(
        {part.name, uint32_t(part.first), uint32_t(part.size)});
  model.rowsMade = 0;
  model.maxSequences = 0;
  model.windows.clear();
  describeRows(step, model);
  model.recurrent = step->hasAttr("kernel.recurrent");
  model.types = spec.types;
  model.typedRows = spec.typedRows;
  model.taps.clear();
  model.sourceTaps = 0;
  addTaps(step, model);
  model.parameters = spec::countParameters(spec);
  model.weightsFormats = formatsOf(layout);
  model.computeFormat = formatOf(*module, kernel::computeAttrName);
  model.cacheFormat = formatOf(*module, kernel::cacheAttrName);
  describeSource();
}

/// The same of an encoder-decoder's encoder. Both steps share the scratch; the
/// cache that its function tells of holds the decoder's part, too.
void Compilation::describeSource() {
  model.source = {};
  auto encode =
      module->lookupSymbol<mlir::func::FuncOp>(spec.model + "_encode");
  if (!encode)
    return;
  auto number = [&](StringRef name) {
    return encode->getAttrOfType<mlir::IntegerAttr>(name).getInt();
  };
  model.source.vocab =
      encode->hasAttr("kernel.vocab") ? number("kernel.vocab") : 0;
  model.source.context = number("kernel.context");
  describeInput(encode, model.source.input, model.source.shape);
  model.source.maxRows = number("kernel.rows");
  describeRows(encode, model);
  size_t own = model.taps.size();
  addTaps(encode, model);
  model.sourceTaps = model.taps.size() - own;
  model.source.dim = number("kernel.output_dim");
  model.source.start = spec.source.start.value_or(-1);
  model.source.end = spec.source.end.value_or(-1);
  model.cacheBytes = number("kernel.cache_bytes");
  model.scratchBytes = std::max<uint64_t>(model.scratchBytes,
                                          number(passes::scratchBytesAttrName));
  if (!model.queries)
    return;
  // Queries alone: the model reads what its encoder does.
  model.input = model.source.input;
  model.inputShape = model.source.shape;
  model.vocab = model.source.vocab;
  model.context = model.source.context;
  model.rowsPerInput = model.input == TC_INPUT_REALS ? model.context : 0;
}

Error Compilation::writeText(StringRef text) {
  if (options.output != "-")
    return emit::writeFile(options.output, text);
  outs() << text;
  return Error::success();
}

Error Compilation::writeIr() {
  std::string text;
  raw_string_ostream stream(text);
  mlir::OpPrintingFlags flags;
  module->print(stream, flags);
  stream << '\n';
  return writeText(text);
}

Expected<std::string> Compilation::tokenizerBlob() {
  if (spec.input != spec::InputKind::Tokens)
    return "";
  std::optional<std::string> path;
  if (!options.tokenizer.empty())
    path = options.tokenizer;
  else
    path = text::findTokenizer(options.input);
  if (!path)
    return "";
  return text::convertTokenizer(*path, spec.vocab);
}

Error Compilation::writeWeights() {
  auto blob = tokenizerBlob();
  if (!blob)
    return blob.takeError();
  auto remark = [](const std::string &message) {
    errs() << "transformer-compile: " << message << '\n';
  };
  auto source = weights::openWeights(spec, options.seed, remark);
  if (!source)
    return source.takeError();
  Progress progress("packing");
  return weights::writeWeightsFile(
      options.output + ".weights", layout, **source, *blob,
      {{"model", spec.model}},
      [&](uint64_t done, uint64_t total) { progress.show(done, total); });
}

static emit::HeaderInfo headerOf(const emit::ModelDescription &model,
                                 StringRef input) {
  emit::HeaderInfo info;
  info.name = model.name;
  info.source = sys::path::filename(input.rtrim('/')).str();
  info.target = model.target;
  info.input = model.input;
  info.causal = model.causal;
  info.pooled = model.pooled;
  info.vocab = model.vocab;
  info.context = model.context;
  info.maxRows = model.maxRows;
  info.outputDim = model.outputDim;
  info.inputShape = model.inputShape;
  info.rowsPerInput = model.rowsMade ? model.rowsMade : model.rowsPerInput;
  info.makesOtherRows = !model.windows.empty();
  info.recurrent = model.recurrent;
  info.types = model.types;
  info.typedRows = model.typedRows;
  info.taps = model.taps;
  info.sourceTaps = model.sourceTaps;
  info.parameters = model.parameters;
  info.weightsBytes = model.weightsBytes;
  info.cacheBytes = model.cacheBytes;
  info.scratchBytes = model.scratchBytes;
  info.queries = model.queries;
  info.parts = model.parts;
  if (model.queries)
    return info;
  info.sourceVocab = model.source.vocab;
  info.sourceContext = model.source.context;
  info.sourceInput = model.source.input;
  info.sourceShape = model.source.shape;
  return info;
}

Error Compilation::writeObjectOrProgram(StringRef object,
                                        LLVMContext &llvmContext) {
  if (options.emit == Emit::Obj) {
    if (Error error = emit::writeFile(options.output + ".o", object))
      return error;
    return emit::writeFile(options.output + ".h",
                           emit::writeHeader(headerOf(model, options.input)));
  }
  auto main = emit::makeMain(machine, model.name, llvmContext);
  auto mainObject = emit::generate(*main, machine, emit::FileKind::Object);
  if (!mainObject)
    return mainObject.takeError();
  Error error = emit::linkProgram(options.output, {object, *mainObject},
                                  options.libraries, machine);
  timeStage("link");
  return error;
}

Error Compilation::writeCode() {
  LLVMContext llvmContext;
  auto code = emit::translate(*module, machine, model, llvmContext);
  if (!code)
    return code.takeError();
  timeStage("optimise");
  if (options.emit == Emit::Llvm) {
    std::string text;
    raw_string_ostream stream(text);
    (*code)->print(stream, nullptr);
    return writeText(text);
  }
  auto bytes =
      emit::generate(**code, machine,
                     options.emit == Emit::Asm ? emit::FileKind::Assembly
                                               : emit::FileKind::Object);
  if (!bytes)
    return bytes.takeError();
  timeStage("generate code");
  if (options.emit == Emit::Asm)
    return writeText(*bytes);
  if (Error error = writeWeights())
    return error;
  timeStage("pack weights");
  return writeObjectOrProgram(*bytes, llvmContext);
}

Error Compilation::produce() {
  if (Error error = readInput())
    return error;
  timeStage("read input");
  if (options.emit == Emit::Spec)
    return writeText(spec::printSpec(spec));
  if (Error error = buildModule())
    return error;
  timeStage("build model");
  if (options.verify)
    if (Error error = verifyModel(); error || options.verifyOnly)
      return error;
  std::optional<Stage> last = options.until;
  if (!last && options.emit == Emit::Transformer)
    last = Stage::SimplifyModel;
  if (!last && options.emit == Emit::Kernel)
    last = Stage::ChooseKernels;
  if (!last && options.emit == Emit::Loops)
    last = Stage::EmitLoops;
  if (Error error = runStages(last.value_or(Stage::LowerToLLVM)))
    return error;
  return last ? writeIr() : writeCode();
}

int Compilation::run() {
  Error error = produce();
  if (!error)
    return 0;
  std::string text = toString(std::move(error));
  if (!text.empty())
    errs() << "transformer-compile: error: " << text << '\n';
  return 1;
}
