// tc_model of runtime/abi.h as an LLVM constant, field by field.
#include "compiler/Emit/Description.h"

#include "llvm/IR/Constants.h"

using namespace llvm;

// The list below is the struct's: a field more there is an error here.
static_assert(sizeof(tc_model) == 320, "tc_model and its constant differ");
static_assert(sizeof(tc_tap) == 24, "tc_tap and its constant differ");
static_assert(sizeof(tc_part) == 16, "tc_part and its constant differ");
static_assert(sizeof(tc_windows) == 12, "tc_windows and its constant differ");
static_assert(sizeof(tc_kernel) == 96, "tc_kernel and its constant differ");

static Constant *text(Module &module, StringRef value) {
  Constant *bytes = ConstantDataArray::getString(module.getContext(), value);
  auto *global = new GlobalVariable(module, bytes->getType(), true,
                                    GlobalValue::PrivateLinkage, bytes, "text");
  global->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
  return global;
}

static tc_count countOf(kernel::Count count) {
  return count == kernel::Count::Outputs     ? TC_COUNT_OUTPUTS
         : count == kernel::Count::Sequences ? TC_COUNT_SEQUENCES
                                             : TC_COUNT_ROWS;
}

static tc_arithmetic arithmeticOf(const passes::KernelFacts &kernel) {
  if (kernel.pairs)
    return TC_DOT_BF16;
  bool integers =
      kernel.dot == kernel::Dot::Vpdpbusd || kernel.dot == kernel::Dot::Sdot;
  return integers ? TC_DOT_INT8 : TC_FMA;
}

static Constant *word(LLVMContext &context, uint64_t value) {
  return ConstantInt::get(Type::getInt64Ty(context), value);
}

static Constant *half(LLVMContext &context, uint32_t value) {
  return ConstantInt::get(Type::getInt32Ty(context), value);
}

/// Structs as an array of that name, or null.
static Constant *array(Module &module, ArrayRef<Constant *> entries,
                       StringRef name) {
  if (entries.empty())
    return ConstantPointerNull::get(PointerType::get(module.getContext(), 0));
  Constant *value = ConstantArray::get(
      ArrayType::get(entries[0]->getType(), entries.size()), entries);
  auto *global = new GlobalVariable(module, value->getType(), true,
                                    GlobalValue::PrivateLinkage, value, name);
  global->setAlignment(Align(8));
  return global;
}

/// The kernels of a profile as an array, or null.
static Constant *kernels(Module &module, ArrayRef<passes::KernelFacts> list) {
  LLVMContext &context = module.getContext();
  SmallVector<Constant *> entries;
  for (const passes::KernelFacts &kernel : list)
    entries.push_back(ConstantStruct::getAnon(
        context,
        {text(module, kernel.name), text(module, kernel.kind),
         text(module, kernel.shape), text(module, kernel.schedule),
         word(context, kernel.weightBytes), word(context, kernel.rowFlops),
         word(context, kernel.rowBytes), word(context, kernel.pairFlops),
         word(context, kernel.keyBytes), word(context, kernel.window),
         half(context, kernel.causal), half(context, countOf(kernel.count)),
         half(context, arithmeticOf(kernel)), half(context, kernel.source)}));
  return array(module, entries, "kernels");
}

/// What is handed out beside the output as an array, or null.
static Constant *taps(Module &module, ArrayRef<emit::Tap> list) {
  LLVMContext &context = module.getContext();
  SmallVector<Constant *> entries;
  for (const emit::Tap &tap : list)
    entries.push_back(ConstantStruct::getAnon(
        context, {text(module, tap.name), half(context, tap.rounds),
                  half(context, tap.heads), half(context, tap.columns),
                  half(context, tap.made)}));
  return array(module, entries, "taps");
}

/// What changes the number of rows as an array, or null.
static Constant *windows(Module &module, ArrayRef<tc_windows> list) {
  LLVMContext &context = module.getContext();
  SmallVector<Constant *> entries;
  for (const tc_windows &one : list)
    entries.push_back(ConstantStruct::getAnon(
        context, {half(context, one.size), half(context, one.stride),
                  half(context, one.pad)}));
  return array(module, entries, "windows");
}

/// The named parts of an output row as an array, or null.
static Constant *parts(Module &module, ArrayRef<emit::Part> list) {
  LLVMContext &context = module.getContext();
  SmallVector<Constant *> entries;
  for (const emit::Part &part : list)
    entries.push_back(ConstantStruct::getAnon(
        context, {text(module, part.name), half(context, part.first),
                  half(context, part.size)}));
  return array(module, entries, "parts");
}

/// The four sizes of a tc_model's shape.
static Constant *shapeOf(LLVMContext &context, ArrayRef<int64_t> sizes) {
  SmallVector<Constant *> shape;
  for (size_t i = 0; i < 4; ++i)
    shape.push_back(word(context, i < sizes.size() ? sizes[i] : 0));
  return ConstantArray::get(ArrayType::get(Type::getInt64Ty(context), 4),
                            shape);
}

void emit::addDescription(Module &module, const ModelDescription &model) {
  LLVMContext &context = module.getContext();
  SmallVector<Constant *> fields;
  auto add32 = [&](uint32_t v) { fields.push_back(half(context, v)); };
  add32(TC_ABI_VERSION);
  add32(model.features);
  for (uint64_t v : {model.layoutHash, model.weightsBytes, model.cacheBytes,
                     model.scratchBytes})
    fields.push_back(word(context, v));
  for (uint32_t v :
       {uint32_t(model.input), uint32_t(model.causal), uint32_t(model.pooled),
        model.vocab, model.context, model.maxRows, model.maxOutputs,
        model.tileRows, model.outputDim, uint32_t(model.inputShape.size())})
    add32(v);
  fields.push_back(shapeOf(context, model.inputShape));
  add32(model.rowsPerInput);
  add32(model.kernels.size());
  fields.push_back(word(context, model.parameters));
  fields.push_back(text(module, model.name));
  fields.push_back(text(module, model.target));
  fields.push_back(module.getFunction(model.name + "_step"));
  fields.push_back(kernels(module, model.kernels));
  for (const std::string &format :
       {model.weightsFormats, model.computeFormat, model.cacheFormat})
    fields.push_back(text(module, format));
  const SourceDescription &source = model.source;
  fields.push_back(source.maxRows ? module.getFunction(model.name + "_encode")
                                  : cast<Constant>(ConstantPointerNull::get(
                                        PointerType::get(context, 0))));
  for (uint32_t v : {source.vocab, source.context, source.maxRows, source.dim,
                     uint32_t(source.start), uint32_t(source.end)})
    add32(v);
  fields.push_back(taps(module, model.taps));
  add32(model.taps.size());
  add32(model.recurrent);
  add32(source.input);
  add32(source.shape.size());
  fields.push_back(shapeOf(context, source.shape));
  add32(model.queries);
  add32(model.parts.size());
  fields.push_back(parts(module, model.parts));
  add32(model.rowsMade);
  add32(model.windows.size());
  fields.push_back(windows(module, model.windows));
  for (uint32_t v :
       {model.maxSequences, model.types, model.typedRows, model.sourceTaps})
    add32(v);
  Constant *value = ConstantStruct::getAnon(context, fields);
  auto *global = new GlobalVariable(module, value->getType(), true,
                                    GlobalValue::ExternalLinkage, value,
                                    model.name + "_model");
  global->setAlignment(Align(8));
}
