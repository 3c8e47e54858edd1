// The function around the layers.
#include "compiler/Layers/BuildModel.h"
#include "compiler/Layers/LayerBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;

namespace layers {

template <class... Leaves> static bool isOneOf(const spec::Layer &layer) {
  return (std::holds_alternative<Leaves>(layer.body) || ...);
}

/// The model's own list of layers, with uses of definitions written out.
static void writeOut(const spec::Layers &layers,
                     SmallVector<const spec::Layer *> &list) {
  for (const spec::Layer &layer : layers)
    if (auto *sequence = std::get_if<spec::Sequence>(&layer.body))
      writeOut(sequence->layers, list);
    else
      list.push_back(&layer);
}

/// Norms and maps, and outputs of nothing else.
static bool worksRowByRow(const spec::Layer &layer) {
  auto all = [](const spec::Layers &list) {
    return llvm::all_of(list, worksRowByRow);
  };
  if (auto *outputs = std::get_if<spec::Outputs>(&layer.body))
    return all(outputs->branches);
  if (auto *sequence = std::get_if<spec::Sequence>(&layer.body))
    return all(sequence->layers);
  return isOneOf<spec::Norm, spec::Linear, spec::Logits>(layer);
}

/// The index of the first layer that only wanted rows need to pass: from there
/// on every layer works row by row. Pooled models decide themselves.
static std::optional<size_t>
placeOfOutputs(ArrayRef<const spec::Layer *> layers) {
  auto isPool = [](auto *layer) { return isOneOf<spec::Pool>(*layer); };
  if (llvm::any_of(layers, isPool))
    return std::nullopt;
  size_t place = layers.size();
  while (place > 0 && worksRowByRow(*layers[place - 1]))
    --place;
  return place;
}

/// Tokens [rows], real vectors [rows, width], or images [number, channels,
/// height, width]; null for queries.
static Type inputType(Builder &builder, const spec::Layer &first) {
  constexpr int64_t any = ShapedType::kDynamic;
  if (isOneOf<spec::Embed>(first))
    return RankedTensorType::get({any}, builder.getI32Type());
  if (auto *rows = std::get_if<spec::Rows>(&first.body))
    return RankedTensorType::get({any, rows->dim}, builder.getF32Type());
  if (isOneOf<spec::Queries>(first))
    return Type();
  const auto &patch = std::get<spec::Patch>(first.body);
  return RankedTensorType::get({any, patch.channels, patch.height, patch.width},
                               builder.getF32Type());
}

/// A function on rows and an input, with the sizes of what it reads.
static func::FuncOp makeFunction(OpBuilder &builder, Location location,
                                 const Twine &name, ArrayRef<Type> inputs,
                                 int64_t outputDim, int64_t context,
                                 int64_t vocab) {
  auto output = RankedTensorType::get({ShapedType::kDynamic, outputDim},
                                      builder.getF32Type());
  auto function = func::FuncOp::create(
      builder, location, name.str(), builder.getFunctionType(inputs, {output}));
  function->setAttr("transformer.context", builder.getI64IntegerAttr(context));
  if (vocab)
    function->setAttr("transformer.vocab", builder.getI64IntegerAttr(vocab));
  return function;
}

static void buildBody(func::FuncOp function, OpBuilder &builder,
                      const spec::Spec &spec,
                      ArrayRef<const spec::Layer *> layers) {
  Block *body = function.addEntryBlock();
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(body);
  bool decodes = spec.translates();
  LayerBuilder at(builder, spec, *layers.front(), body->getArgument(0),
                  decodes ? transformer::sourceOf(function) : Value(),
                  decodes ? transformer::memoryOf(function) : Value());
  std::optional<size_t> outputs = placeOfOutputs(layers);
  Value x = transformer::inputOf(function);
  for (size_t place = 0; place <= layers.size(); ++place) {
    if (outputs == place)
      x = transformer::OutputsOp::create(builder, function.getLoc(), x,
                                         at.rows);
    if (place < layers.size())
      x = at.build(*layers[place], x);
  }
  func::ReturnOp::create(builder, function.getLoc(), x);
}

/// The encoder returns all of its rows: the decoder reads them.
static func::FuncOp buildEncoder(OpBuilder &builder, Location location,
                                 const spec::Spec &spec) {
  SmallVector<const spec::Layer *> layers;
  writeOut(spec.encoder, layers);
  auto function =
      makeFunction(builder, location, spec.model + "_encoder",
                   {transformer::RowsType::get(builder.getContext()),
                    inputType(builder, *layers.front())},
                   spec.sourceDim, spec.source.context, spec.source.vocab);
  Block *body = function.addEntryBlock();
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(body);
  LayerBuilder at(builder, spec, *layers.front(), body->getArgument(0));
  Value x = body->getArgument(1);
  for (const spec::Layer *layer : layers)
    x = at.build(*layer, x);
  func::ReturnOp::create(builder, location, x);
  return function;
}

static void buildModel(OpBuilder &builder, Location location,
                       const spec::Spec &spec) {
  SmallVector<const spec::Layer *> layers;
  writeOut(spec.layers, layers);
  auto rows = transformer::RowsType::get(builder.getContext());
  SmallVector<Type> inputs{rows};
  if (Type input = inputType(builder, *layers.front()))
    inputs.push_back(input);
  func::FuncOp encoder;
  if (spec.translates()) {
    encoder = buildEncoder(builder, location, spec);
    inputs.append({rows, encoder.getResultTypes()[0]});
  }
  auto function = makeFunction(builder, location, spec.model, inputs,
                               spec.outputDim, spec.context, spec.vocab);
  if (spec.causal)
    function->setAttr("transformer.causal", builder.getUnitAttr());
  if (spec.prefix)
    function->setAttr("transformer.prefix", builder.getUnitAttr());
  if (encoder)
    function->setAttr(transformer::encoderAttrName,
                      FlatSymbolRefAttr::get(encoder));
  buildBody(function, builder, spec, layers);
}

OwningOpRef<ModuleOp> buildModel(MLIRContext &context, const spec::Spec &spec) {
  context.loadDialect<transformer::TransformerDialect, arith::ArithDialect,
                      func::FuncDialect, scf::SCFDialect>();
  auto said = spec.fields.find("model");
  Location location = locate(
      &context, spec, said == spec.fields.end() ? spec::Place() : said->second,
      spec.model);
  OwningOpRef<ModuleOp> module = ModuleOp::create(location);
  OpBuilder builder(&context);
  builder.setInsertionPointToStart(module->getBody());
  buildModel(builder, location, spec);
  if (failed(verify(*module)))
    return nullptr;
  return module;
}

} // namespace layers
