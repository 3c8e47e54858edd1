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

/// The index of the first layer that only wanted rows need to pass: from there
/// on every layer works row by row. Pooled models decide themselves.
static std::optional<size_t> placeOfOutputs(const spec::Layers &layers) {
  if (llvm::any_of(layers, isOneOf<spec::Pool>))
    return std::nullopt;
  size_t place = layers.size();
  while (place > 0 &&
         isOneOf<spec::Norm, spec::Linear, spec::Logits>(layers[place - 1]))
    --place;
  return place;
}

/// Tokens [rows], or images [number, channels, height, width].
static Type inputType(Builder &builder, const spec::Spec &spec) {
  constexpr int64_t any = ShapedType::kDynamic;
  if (spec.input == spec::InputKind::Tokens)
    return RankedTensorType::get({any}, builder.getI32Type());
  const auto &patch = std::get<spec::Patch>(spec.layers.front().body);
  return RankedTensorType::get({any, patch.channels, patch.height, patch.width},
                               builder.getF32Type());
}

static func::FuncOp buildFunction(OpBuilder &builder, Location location,
                                  const spec::Spec &spec) {
  auto rows = transformer::RowsType::get(builder.getContext());
  auto output = RankedTensorType::get({ShapedType::kDynamic, spec.outputDim},
                                      builder.getF32Type());
  auto type =
      builder.getFunctionType({rows, inputType(builder, spec)}, {output});
  auto function = func::FuncOp::create(builder, location, spec.model, type);
  function->setAttr("transformer.context",
                    builder.getI64IntegerAttr(spec.context));
  if (spec.vocab)
    function->setAttr("transformer.vocab",
                      builder.getI64IntegerAttr(spec.vocab));
  if (spec.causal)
    function->setAttr("transformer.causal", builder.getUnitAttr());
  return function;
}

static void buildBody(func::FuncOp function, OpBuilder &builder,
                      const spec::Spec &spec) {
  Block *body = function.addEntryBlock();
  builder.setInsertionPointToStart(body);
  LayerBuilder at(builder, spec, body->getArgument(0));
  std::optional<size_t> outputs = placeOfOutputs(spec.layers);
  Value x = body->getArgument(1);
  for (size_t place = 0; place <= spec.layers.size(); ++place) {
    if (outputs == place)
      x = transformer::OutputsOp::create(builder, function.getLoc(), x,
                                         at.rows);
    if (place < spec.layers.size())
      x = at.build(spec.layers[place], x);
  }
  func::ReturnOp::create(builder, function.getLoc(), x);
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
  buildBody(buildFunction(builder, location, spec), builder, spec);
  if (failed(verify(*module)))
    return nullptr;
  return module;
}

} // namespace layers
