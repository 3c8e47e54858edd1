// The router's gates, then the experts; an expert for all rows comes last. One
// with a gate of its own is a mixture of one.
#include "compiler/Layers/LayerBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace layers {

static Value scores(LayerBuilder &at, const spec::Layer &layer, StringRef name,
                    int64_t experts, Value x) {
  Value weight = at.weight(layer, name, {experts, widthOf(x)});
  return at.create<transformer::LinearOp>(x, weight, Value());
}

static Value route(LayerBuilder &at, const spec::Layer &layer,
                   const spec::Moe &moe, Value x) {
  auto router = moe.router == spec::Router::Softmax
                    ? transformer::Router::Softmax
                    : transformer::Router::Sigmoid;
  Value all = scores(at, layer, "router.weight", moe.experts, x), correction;
  if (moe.correction)
    correction = at.weight(layer, "router.correction", {moe.experts});
  bool grouped = moe.groups.score != spec::GroupScore::None;
  return at.create<transformer::RouteOp>(
      router, all, correction, moe.topK, grouped ? moe.groups.count : 1,
      grouped ? moe.groups.topK : 1,
      moe.groups.score == spec::GroupScore::TwoBest, moe.normalise, moe.scale);
}

/// `body` is given the rows that chose an expert, and the expert's number.
static Value experts(LayerBuilder &at, Value x, Value gates,
                     llvm::function_ref<Value(Value rows, Value number)> body) {
  auto op = transformer::ExpertsOp::create(at.builder, at.here(), x, gates);
  OpBuilder::InsertionGuard guard(at.builder);
  Block &block = op.getBody().emplaceBlock();
  Value rows = block.addArgument(x.getType(), at.here());
  Value number = block.addArgument(at.builder.getIndexType(), at.here());
  at.builder.setInsertionPointToEnd(&block);
  transformer::YieldOp::create(at.builder, at.here(), body(rows, number));
  return op.getResult();
}

static Value shared(LayerBuilder &at, const spec::Layer &layer,
                    const spec::Moe &moe, Value x) {
  spec::Mlp mlp = moe.expert;
  mlp.hidden = *moe.shared;
  if (!moe.sharedGate)
    return buildMlp(at, layer, "shared.", mlp, x);
  Value gate = at.create<transformer::RouteOp>(
      transformer::Router::Sigmoid,
      scores(at, layer, "shared_gate.weight", 1, x), Value(), 1, 1, 1, false,
      false, 1.0);
  return experts(at, x, gate, [&](Value rows, Value) {
    return buildMlp(at, layer, "shared.", mlp, rows);
  });
}

Value build(LayerBuilder &at, const spec::Layer &layer, const spec::Moe &moe,
            Value x) {
  Value chosen = route(at, layer, moe, x);
  const std::string letter = {'{', char('i' + at.indices.size()), '}', '.'};
  Value y = experts(at, x, chosen, [&](Value rows, Value number) {
    // Its letter comes after those of the repetitions around.
    at.indices.insert(at.indices.begin(), number);
    Value made = buildMlp(at, layer, "experts." + letter, moe.expert, rows);
    at.indices.erase(at.indices.begin());
    return made;
  });
  if (!moe.shared)
    return y;
  return at.create<arith::AddFOp>(y, shared(at, layer, moe, x));
}

} // namespace layers
