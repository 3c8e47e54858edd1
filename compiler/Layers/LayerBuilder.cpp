// Weights by name, and the places of layers.
#include "compiler/Layers/LayerBuilder.h"

#include "compiler/Spec/Parser.h"

using namespace mlir;

namespace layers {

Location locate(MLIRContext *context, const spec::Spec &spec, spec::Place place,
                StringRef name) {
  if (place.line)
    return FileLineColLoc::get(context, spec.path, place.line, place.column);
  return NameLoc::get(StringAttr::get(context, name));
}

int64_t widthOf(Value x) {
  return cast<RankedTensorType>(x.getType()).getDimSize(1);
}

Value LayerBuilder::build(const spec::Layer &layer, Value x) {
  Location outer = location;
  location = locate(builder.getContext(), spec, layer.place,
                    layer.scope.empty() ? spec.model : layer.scope);
  Value result = std::visit(
      [&](const auto &body) { return layers::build(*this, layer, body, x); },
      layer.body);
  location = outer;
  return result;
}

Value LayerBuilder::build(const spec::Layers &layers, Value x) {
  for (const spec::Layer &layer : layers)
    x = build(layer, x);
  return x;
}

static transformer::FormatAttr formatOf(MLIRContext *context,
                                        spec::Dtype dtype) {
  switch (dtype) {
  case spec::Dtype::F32:
    return {};
  case spec::Dtype::Bf16:
    return transformer::FormatAttr::get(context, transformer::Format::Bf16);
  case spec::Dtype::Int8:
    return transformer::FormatAttr::get(context, transformer::Format::Int8);
  case spec::Dtype::Int4:
    return transformer::FormatAttr::get(context, transformer::Format::Int4);
  }
  llvm_unreachable("no other dtypes");
}

Value LayerBuilder::weight(const spec::Layer &layer, StringRef name,
                           ArrayRef<int64_t> shape, spec::Dtype dtype) {
  SmallVector<Value> innermostFirst(llvm::reverse(indices));
  auto type = RankedTensorType::get(shape, builder.getF32Type());
  return create<transformer::WeightOp>(type, layer.scope + "." + name.str(),
                                       innermostFirst,
                                       formatOf(builder.getContext(), dtype));
}

Value LayerBuilder::sharedWeight(const spec::Layer &layer, StringRef name,
                                 ArrayRef<int64_t> shape) {
  auto type = RankedTensorType::get(shape, builder.getF32Type());
  return create<transformer::WeightOp>(
      type, spec::sharedScope(layer.scope) + "." + name.str(), ValueRange(),
      transformer::FormatAttr());
}

Value LayerBuilder::withPosition(
    const spec::Layer &layer, const std::optional<spec::AddedPosition> &added,
    StringRef name, Value x, Value rows, int64_t context) {
  if (!added)
    return x;
  std::string weightName = (name + ".weight").str();
  int64_t shape[] = {context, widthOf(x)};
  Value table = added->shared ? sharedWeight(layer, weightName, shape)
                              : weight(layer, weightName, shape);
  return create<transformer::PositionOp>(x, rows, table);
}

Value LayerBuilder::matrix(const spec::Layer &layer, StringRef name,
                           int64_t rows, int64_t columns) {
  return weight(layer, name, {rows, columns}, dtypeOf(layer, spec));
}

Value LayerBuilder::linear(const spec::Layer &layer, StringRef name, Value x,
                           int64_t outputs, bool bias) {
  std::string prefix = name.empty() ? "" : name.str() + ".";
  Value map = matrix(layer, prefix + "weight", outputs, widthOf(x));
  Value vector = bias ? weight(layer, prefix + "bias", {outputs}) : Value();
  return create<transformer::LinearOp>(x, map, vector);
}

static transformer::Activation toDialect(spec::Activation kind) {
  switch (kind) {
  case spec::Activation::Relu:
    return transformer::Activation::Relu;
  case spec::Activation::Gelu:
    return transformer::Activation::Gelu;
  case spec::Activation::GeluTanh:
    return transformer::Activation::GeluTanh;
  case spec::Activation::Silu:
    return transformer::Activation::Silu;
  case spec::Activation::Relu2:
    return transformer::Activation::Relu2;
  case spec::Activation::Tanh:
    return transformer::Activation::Tanh;
  case spec::Activation::QuickGelu:
    return transformer::Activation::QuickGelu;
  case spec::Activation::Sigmoid:
    return transformer::Activation::Sigmoid;
  case spec::Activation::Identity:
    break;
  }
  llvm_unreachable("identity is no op");
}

Value LayerBuilder::activation(spec::Activation kind, Value x) {
  if (kind == spec::Activation::Identity)
    return x;
  return create<transformer::ActivationOp>(toDialect(kind), x);
}

Value LayerBuilder::activation(spec::Gate kind, Value x) {
  switch (kind) {
  case spec::Gate::None:
    return x;
  case spec::Gate::Silu:
    return activation(spec::Activation::Silu, x);
  case spec::Gate::Sigmoid:
    return activation(spec::Activation::Sigmoid, x);
  }
  llvm_unreachable("all gates are listed");
}

Value LayerBuilder::shortConv(const spec::Layer &layer, const std::string &name,
                              Value x, int64_t size, bool bias) {
  int64_t width = widthOf(x);
  Value table = weight(layer, name + "weight", {width, size});
  Value vector = bias ? weight(layer, name + "bias", {width}) : Value();
  return create<transformer::ShortConvOp>(x, table, rows, vector);
}

} // namespace layers
